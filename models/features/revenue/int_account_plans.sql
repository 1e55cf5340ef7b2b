with account_snapshots as (
    select * from {{ ref('int_account_snapshots') }}
),

items as (
    select * from {{ ref('int_subscription_terms') }}
),

matches as (
    select * from {{ ref('int_account_match_windows') }}
),

rates as (
    select * from {{ ref('currency_rates') }}
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
        items.subscription_item_id,
        items.term_months,
        items.terms_from,
        {{ in_reporting_currency('items.monthly_amount', 'rates.rate_to_reporting') }} as monthly_amount
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
    left join rates
        on
            items.currency = rates.currency
            and {{ holds_on('rates', 'account_snapshots.snapshot_date') }}
),

-- The next end of term: whole terms are counted from the first day of the run.
terms as (
    select
        running.*,
        {{ dbt.datediff('running.terms_from', 'running.snapshot_date', 'month') }} as months_since
    from running
    inner join parameters
        on
            parameters.parameter = 'renewal_term_months'
            and {{ holds_on('parameters', 'running.snapshot_date') }}
    where running.term_months >= parameters.parameter_value
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
        {{ add_days(dbt.dateadd('month', 'cast(round(terms_over * term_months, 0) as integer)', 'terms_from'), 0) }} as this_end,
        {{ add_days(dbt.dateadd('month', 'cast(round((terms_over + 1) * term_months, 0) as integer)', 'terms_from'), 0) }} as next_end
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
            order by coalesce(monthly_amount, 0) desc, {{ binary_order('plan_name') }}, {{ binary_order('subscription_item_id') }}
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
