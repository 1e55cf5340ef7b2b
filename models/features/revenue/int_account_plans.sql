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
        items.is_priced,
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

-- What costs nothing can be left on any day, however long its term.
renewals as (
    select
        running.account_id,
        running.snapshot_date,
        min({{ end_of_term('running.terms_from', 'running.term_months', 'running.snapshot_date') }}) as renews_on
    from running
    inner join parameters
        on
            parameters.parameter = 'renewal_term_months'
            and {{ holds_on('parameters', 'running.snapshot_date') }}
    where running.is_priced and running.term_months >= parameters.parameter_value
    group by running.account_id, running.snapshot_date
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
