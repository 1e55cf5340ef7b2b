with dates as (
    select * from {{ ref('int_revenue_dates') }}
),

items as (
    select * from {{ ref('int_subscription_item_periods') }}
),

discounts as (
    select * from {{ ref('subscription_discounts') }}
),

rates as (
    select * from {{ ref('currency_rates') }}
),

-- What costs nothing is not paid for; a discount of 100 % comes off what costs something.
gross as (
    select
        dates.revenue_date,
        items.subscription_id,
        items.customer_id,
        items.currency,
        sum(items.monthly_amount) as gross_monthly,
        max(case when items.seats is null then 0 else 1 end) as is_sold_by_seat,
        sum(items.seats) as seats,
        max(12 * items.interval_count) as months_numerator,
        max(items.intervals_a_year) as months_denominator
    from items
    inner join dates
        on {{ holds_on('items', 'dates.revenue_date') }}
    group by dates.revenue_date, items.subscription_id, items.customer_id, items.currency
    having sum(items.monthly_amount) > 0
),

discounted_dates as (
    select
        dates.revenue_date,
        discounts.subscription_id,
        least(sum(coalesce(discounts.percent_off, 0)), 100) as percent_off,
        sum(coalesce(discounts.amount_off, 0)) as amount_off
    from discounts
    inner join dates
        on
            {{ local_date('discounts.valid_from') }} <= dates.revenue_date
            and (discounts.valid_to is null or dates.revenue_date < {{ local_date('discounts.valid_to') }})
    group by dates.revenue_date, discounts.subscription_id
),

-- Percentages first, then amounts, never below zero. An amount comes off every bill, so it is spread over the bill's months.
-- Factors are narrowed: a product of more than 38 digits loses decimals on some engines.
net as (
    select
        gross.*,
        greatest(
            cast(
                cast(gross.gross_monthly as decimal(20, 8))
                * cast(100 - coalesce(discounted_dates.percent_off, 0) as decimal(7, 4))
                * cast(0.01 as decimal(3, 2)) as decimal(28, 10)
            )
            - cast(coalesce({{ divide_exact('discounted_dates.amount_off * gross.months_denominator', 'gross.months_numerator', 8) }}, 0) as decimal(28, 10)),
            0
        ) as net_monthly
    from gross
    left join discounted_dates
        on
            gross.subscription_id = discounted_dates.subscription_id
            and gross.revenue_date = discounted_dates.revenue_date
),

final as (
    select
        net.subscription_id,
        net.customer_id,
        net.revenue_date,
        net.currency,
        net.is_sold_by_seat,
        net.seats,
        {{ in_reporting_currency('net.net_monthly', 'rates.rate_to_reporting') }} as mrr
    from net
    left join rates
        on
            net.currency = rates.currency
            and {{ holds_on('rates', 'net.revenue_date') }}
)

select * from final
