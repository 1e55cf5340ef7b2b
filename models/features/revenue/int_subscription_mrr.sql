with recursive dates as (
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

running_discounts as (
    select
        dates.revenue_date,
        discounts.subscription_id,
        row_number() over (
            partition by dates.revenue_date, discounts.subscription_id
            order by discounts.percent_off, {{ binary_order('discounts.subscription_discount_id') }}
        ) as place,
        count(*) over (partition by dates.revenue_date, discounts.subscription_id) as places,
        cast(
            cast(greatest(100 - coalesce(discounts.percent_off, 0), 0) as decimal(7, 4)) * cast(0.01 as decimal(3, 2)) as decimal(14, 12)
        ) as kept_share,
        cast(coalesce(discounts.amount_off, 0) as decimal(18, 4)) as amount_off
    from discounts
    inner join dates
        on
            {{ local_date('discounts.valid_from') }} <= dates.revenue_date
            and (discounts.valid_to is null or dates.revenue_date < {{ local_date('discounts.valid_to') }})
),

-- One after the other: each percentage is of what those before it left. A turn for each further discount of a subscription; most have one, and take none.
stacked as (
    select
        revenue_date,
        subscription_id,
        place,
        places,
        kept_share,
        amount_off
    from running_discounts
    where place = 1 and places > 1
    union all
    select
        stacked.revenue_date,
        stacked.subscription_id,
        running_discounts.place,
        running_discounts.places,
        cast(stacked.kept_share * running_discounts.kept_share as decimal(14, 12)),
        cast(stacked.amount_off + running_discounts.amount_off as decimal(18, 4))
    from stacked
    inner join running_discounts
        on
            stacked.revenue_date = running_discounts.revenue_date
            and stacked.subscription_id = running_discounts.subscription_id
            and stacked.place + 1 = running_discounts.place
),

discounted as (
    select
        revenue_date,
        subscription_id,
        kept_share,
        amount_off
    from running_discounts
    where places = 1
    union all
    select
        revenue_date,
        subscription_id,
        kept_share,
        amount_off
    from stacked
    where place = places
),

-- Percentages first, then amounts, never below zero. An amount comes off every bill, so it is spread over the bill's months.
-- Factors are narrowed: a product of more than 38 digits loses decimals on some engines.
net as (
    select
        gross.*,
        greatest(
            cast(
                cast(gross.gross_monthly as decimal(20, 8))
                * cast(coalesce(discounted.kept_share, 1) as decimal(14, 12)) as decimal(28, 10)
            )
            - cast(coalesce({{ divide_exact('discounted.amount_off * gross.months_denominator', 'gross.months_numerator', 8) }}, 0) as decimal(28, 10)),
            0
        ) as net_monthly
    from gross
    left join discounted
        on
            gross.subscription_id = discounted.subscription_id
            and gross.revenue_date = discounted.revenue_date
),

final as (
    select
        net.subscription_id,
        net.customer_id,
        net.revenue_date,
        net.currency,
        net.is_sold_by_seat,
        net.seats,
        cast(net.net_monthly as decimal(20, 8)) as net_monthly,
        {{ in_reporting_currency('net.net_monthly', 'rates.rate_to_reporting') }} as mrr
    from net
    left join rates
        on
            net.currency = rates.currency
            and {{ holds_on('rates', 'net.revenue_date') }}
)

select * from final
