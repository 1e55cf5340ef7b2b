with comparisons as (
    select distinct
        revenue_date,
        compared_with
    from {{ ref('int_revenue_comparisons') }}
),

rates as (
    select * from {{ ref('currency_rates') }}
),

subscriptions as (
    select * from {{ ref('int_subscription_mrr') }}
),

matches as (
    select * from {{ ref('int_account_match_windows') }}
    where entity_type = 'billing_customer' and account_id is not null
),

-- None where every currency has one rate, and then nobody has an effect.
changed_rates as (
    select
        comparisons.revenue_date,
        comparisons.compared_with,
        later.currency,
        later.rate_to_reporting
    from comparisons
    inner join rates as earlier
        on {{ holds_on('earlier', 'comparisons.compared_with') }}
    inner join rates as later
        on
            earlier.currency = later.currency
            and {{ holds_on('later', 'comparisons.revenue_date') }}
    where earlier.rate_to_reporting <> later.rate_to_reporting
),

final as (
    select
        matches.account_id,
        changed_rates.revenue_date,
        changed_rates.compared_with,
        cast(
            sum({{ in_reporting_currency('subscriptions.net_monthly', 'changed_rates.rate_to_reporting') }} - subscriptions.mrr) as decimal(18, 4)
        ) as rate_effect
    from subscriptions
    inner join changed_rates
        on
            subscriptions.revenue_date = changed_rates.compared_with
            and subscriptions.currency = changed_rates.currency
    inner join matches
        on
            subscriptions.customer_id = matches.entity_id
            and {{ holds_on('matches', 'subscriptions.revenue_date') }}
    group by matches.account_id, changed_rates.revenue_date, changed_rates.compared_with
)

select * from final
