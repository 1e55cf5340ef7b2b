with spells as (
    select * from {{ ref('int_friction_spells') }}
),

matches as (
    select * from {{ ref('int_account_match_windows') }}
    where entity_type = 'support_organization' and account_id is not null
),

first_ticket as (
    select {{ local_date('min(created_at)') }} as first_day from {{ ref('tickets') }}
),

-- Before the first ticket of all nothing is known; between two organisations of an account nothing is lost.
observed as (
    select
        matches.account_id,
        greatest(min(matches.valid_from), min(first_ticket.first_day)) as observed_from,
        case when max(case when matches.valid_to is null then 1 else 0 end) = 0 then max(matches.valid_to) end as observed_until
    from matches
    cross join first_ticket
    group by matches.account_id
),

seen as (
    select
        spells.account_id,
        spells.spell,
        greatest(spells.counted_from, observed.observed_from) as exposed_from,
        least(coalesce(observed.observed_until, spells.counted_until), spells.counted_until) as exposed_until
    from spells
    inner join observed
        on spells.account_id = observed.account_id
),

final as (
    select
        *,
        cast({{ days_between('exposed_from', 'exposed_until') }} as integer) as exposed_days
    from seen
    where exposed_from < exposed_until
)

select * from final
