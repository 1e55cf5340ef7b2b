with account_snapshots as (
    select * from {{ ref('int_account_snapshots') }}
),

items as (
    select * from {{ ref('int_subscription_terms') }}
),

told as (
    select
        *,
        case when valid_to = renews_on then lead(valid_from) over (partition by subscription_id order by valid_from) else valid_to end as counts_until
    from {{ ref('int_subscription_renewals') }}
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
        told.renews_on as told_on,
        min(case when items.is_priced then items.term_months end) over (
            partition by account_snapshots.account_id, account_snapshots.snapshot_date, items.subscription_id
        ) as shortest_term_months,
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
    left join told
        on
            items.subscription_id = told.subscription_id
            and {{ holds_on('told', 'account_snapshots.snapshot_date', 'valid_from', 'counts_until') }}
    left join rates
        on
            items.currency = rates.currency
            and {{ holds_on('rates', 'account_snapshots.snapshot_date') }}
),

-- What costs nothing can be left on any day, however long its term. Where the source said when the term ends, that is taken, and counted on from: a bill may have
-- been moved. Of what is sold by the year and by the month it may be the end of a month.
terms as (
    select
        account_id,
        snapshot_date,
        coalesce(monthly_amount, 0) as monthly_amount,
        term_months,
        case when term_months = shortest_term_months then greatest(terms_from, told_on) else terms_from end as terms_from,
        case when term_months = shortest_term_months and told_on > snapshot_date then told_on end as told_on
    from running
    where is_priced
),

ends as (
    select
        terms.account_id,
        terms.snapshot_date,
        terms.monthly_amount,
        case when terms.term_months >= parameters.parameter_value then 1 else 0 end as is_bound,
        case
            when terms.term_months >= parameters.parameter_value
                then coalesce(terms.told_on, {{ end_of_term('terms.terms_from', 'terms.term_months', 'terms.snapshot_date') }})
        end as renews_on
    from terms
    inner join parameters
        on
            parameters.parameter = 'renewal_term_months'
            and {{ holds_on('parameters', 'terms.snapshot_date') }}
),

carried as (
    select
        *,
        sum(monthly_amount) over (partition by account_id, snapshot_date, is_bound) as amount_alike,
        sum(monthly_amount) over (partition by account_id, snapshot_date, is_bound, renews_on) as amount_ending
    from ends
),

-- What carries the money decides: first whether most of it is bound, then with which end. A small addition by the year binds nobody. In a tie the sooner way out counts.
renewals as (
    select
        *,
        row_number() over (
            partition by account_id, snapshot_date
            order by amount_alike desc, is_bound, amount_ending desc, renews_on
        ) as term_rank
    from carried
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
            and renewals.term_rank = 1
    where ranked.plan_rank = 1
)

select * from final
