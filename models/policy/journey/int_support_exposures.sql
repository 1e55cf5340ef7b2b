with spells as (
    select * from {{ ref('int_account_paid_spells') }}
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

parameters as (
    select cast({{ parameter_value('friction_way_out_days') }} as integer) as way_out
    from {{ ref('parameters') }} as parameters
    where {{ holds_on('parameters', as_of_date()) }}
),

-- The last days before a customer left are no usual days: many ask more, and some no longer ask. Who will leave is not known yet.
cut as (
    select
        spells.account_id,
        spells.spell,
        greatest(spells.started_on, observed.observed_from) as exposed_from,
        least(
            case when spells.ended_on <= {{ as_of_date() }} then {{ add_days('spells.ended_on', '-parameters.way_out') }} else {{ add_days(as_of_date(), 1) }} end,
            coalesce(observed.observed_until, {{ add_days(as_of_date(), 1) }}),
            {{ add_days(as_of_date(), 1) }}
        ) as exposed_until
    from spells
    inner join observed
        on spells.account_id = observed.account_id
    cross join parameters
),

final as (
    select
        *,
        cast({{ days_between('exposed_from', 'exposed_until') }} as integer) as exposed_days
    from cut
    where exposed_from < exposed_until
)

select * from final
