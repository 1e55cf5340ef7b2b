with tickets as (
    select
        support_organization_id,
        {{ local_date('created_at') }} as created_on
    from {{ ref('tickets') }}
),

matches as (
    select * from {{ ref('int_account_match_windows') }}
    where entity_type = 'support_organization' and account_id is not null
),

exposures as (
    select * from {{ ref('int_support_exposures') }}
),

final as (
    select
        matches.account_id,
        tickets.created_on,
        cast(count(*) as integer) as tickets
    from tickets
    inner join matches
        on
            tickets.support_organization_id = matches.entity_id
            and {{ holds_on('matches', 'tickets.created_on') }}
    inner join exposures
        on
            matches.account_id = exposures.account_id
            and {{ holds_on('exposures', 'tickets.created_on', 'exposed_from', 'exposed_until') }}
    group by matches.account_id, tickets.created_on
)

select * from final
