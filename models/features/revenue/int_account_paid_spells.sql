with items as (
    select * from {{ ref('int_subscription_item_periods') }}
),

matches as (
    select * from {{ ref('int_account_match_windows') }}
),

lives as (
    select * from {{ ref('int_account_lives') }}
),

parameters as (
    select * from {{ ref('parameters') }}
),

-- Every stretch in which a matched customer had a priced item running, equal ones once: below they must have one order.
paid as (
    select distinct
        matches.account_id,
        greatest(items.valid_from, matches.valid_from) as paid_from,
        {{ earlier_end('items.valid_to', 'matches.valid_to') }} as paid_until
    from items
    inner join matches
        on
            matches.entity_type = 'billing_customer'
            and items.customer_id = matches.entity_id
            and (matches.valid_to is null or items.valid_from < matches.valid_to)
            and (items.valid_to is null or matches.valid_from < items.valid_to)
    where
        matches.account_id is not null
        and items.monthly_amount > 0
),

-- Overlapping and touching stretches are one spell: a customer churns only when all its subscriptions have ended.
ordered as (
    select
        account_id,
        paid_from,
        paid_until,
        max(coalesce(paid_until, cast('9999-12-31' as date))) over (
            partition by account_id
            order by paid_from, coalesce(paid_until, cast('9999-12-31' as date))
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from paid
),

numbered as (
    select
        account_id,
        paid_from,
        paid_until,
        sum(case when covered_until is null or paid_from > covered_until then 1 else 0 end) over (
            partition by account_id
            order by paid_from, coalesce(paid_until, cast('9999-12-31' as date))
            rows between unbounded preceding and current row
        ) as spell
    from ordered
),

spells as (
    select
        account_id,
        cast(spell as integer) as spell,
        min(paid_from) as started_on,
        case when max(case when paid_until is null then 1 else 0 end) = 0 then max(paid_until) end as ended_on
    from numbered
    group by account_id, spell
),

followed as (
    select
        *,
        lag(ended_on) over (partition by account_id order by spell) as previous_ended_on
    from spells
),

-- How long a gap may be is asked on the day of the return.
gaps as (
    select
        followed.*,
        case when {{ days_between('followed.previous_ended_on', 'followed.started_on') }} <= parameters.parameter_value then 1 else 0 end as goes_on
    from followed
    left join parameters
        on
            parameters.parameter = 'paid_gap_days'
            and {{ holds_on('parameters', 'followed.started_on') }}
),

-- Only spells before it decide with which run a spell goes on, so nobody sees in a gap that it will be short.
runs as (
    select
        *,
        max(case when goes_on = 0 then started_on end) over (
            partition by account_id
            order by spell
            rows between unbounded preceding and current row
        ) as run_started_on,
        lead(case when goes_on = 1 then started_on end) over (partition by account_id order by spell) as resumed_on
    from gaps
),

-- What ends with its account, merged or deleted, is no churn: what a merger hands over is a transfer, and who is deleted may pay on.
final as (
    select
        runs.account_id,
        runs.spell,
        runs.run_started_on,
        runs.started_on,
        runs.ended_on,
        runs.resumed_on,
        case when lives.died_on is null or lives.died_on > runs.ended_on then runs.ended_on end as churned_on
    from runs
    left join lives
        on runs.account_id = lives.account_id
)

select * from final
