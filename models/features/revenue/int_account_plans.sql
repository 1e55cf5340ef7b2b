with account_snapshots as (
    select * from {{ ref('int_account_snapshots') }}
),

items as (
    select * from {{ ref('int_subscription_item_periods') }}
),

matches as (
    select * from {{ ref('int_account_match_windows') }}
),

parameters as (
    select * from {{ ref('parameters') }}
),

running as (
    select
        account_snapshots.account_id,
        account_snapshots.snapshot_date,
        items.plan_name,
        items.is_legacy_plan,
        items.monthly_amount,
        items.subscription_item_id,
        items.subscription_id,
        items.intervals_a_year,
        items.interval_count
    from account_snapshots
    inner join matches
        on
            matches.entity_type = 'billing_customer'
            and account_snapshots.account_id = matches.account_id
            and {{ holds_on('matches', 'account_snapshots.snapshot_date') }}
    inner join items
        on
            matches.entity_id = items.customer_id
            and {{ holds_on('items', 'account_snapshots.snapshot_date') }}
),

first_days as (
    select subscription_id, min(valid_from) as paid_from from items
    group by subscription_id
),

-- The next end of term: whole terms are counted from the first paid day.
terms as (
    select
        running.*,
        {{ divide_exact('12 * running.interval_count', 'running.intervals_a_year') }} as term_months,
        first_days.paid_from,
        {{ dbt.datediff('first_days.paid_from', 'running.snapshot_date', 'month') }} as months_since
    from running
    inner join first_days
        on running.subscription_id = first_days.subscription_id
    inner join parameters
        on
            parameters.parameter = 'renewal_term_months'
            and {{ holds_on('parameters', 'running.snapshot_date') }}
    where
        12 * running.interval_count >= parameters.parameter_value * running.intervals_a_year
),

-- Terms of weeks or days are no whole months: the quotient must be the same everywhere before it is cut.
counted as (
    select
        *,
        floor({{ divide_exact('months_since', 'term_months') }}) as terms_over
    from terms
),

candidates as (
    select
        account_id,
        snapshot_date,
        {{ add_days(dbt.dateadd('month', 'cast(round(terms_over * term_months, 0) as integer)', 'paid_from'), 0) }} as this_end,
        {{ add_days(dbt.dateadd('month', 'cast(round((terms_over + 1) * term_months, 0) as integer)', 'paid_from'), 0) }} as next_end
    from counted
),

renewals as (
    select
        account_id,
        snapshot_date,
        min(case when this_end > snapshot_date then this_end else next_end end) as renews_on
    from candidates
    group by account_id, snapshot_date
),

ranked as (
    select
        *,
        row_number() over (
            partition by account_id, snapshot_date
            order by monthly_amount desc, {{ binary_order('plan_name') }}, {{ binary_order('subscription_item_id') }}
        ) as plan_rank
    from running
),

final as (
    select
        ranked.account_id,
        ranked.snapshot_date,
        ranked.plan_name,
        case when ranked.is_legacy_plan then 1 else 0 end as is_legacy_plan,
        renewals.renews_on
    from ranked
    left join renewals
        on
            ranked.account_id = renewals.account_id
            and ranked.snapshot_date = renewals.snapshot_date
    where ranked.plan_rank = 1
)

select * from final
