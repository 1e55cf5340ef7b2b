with items as (
    select * from {{ ref('subscription_items') }}
),

subscriptions as (
    select * from {{ ref('int_subscription_periods') }}
),

-- Bills a year: what turns the price of an interval into the price of a month.
priced as (
    select
        subscription_item_id,
        subscription_id,
        {{ local_date('valid_from') }} as valid_from,
        {{ local_date('valid_to') }} as valid_to,
        plan_name,
        coalesce(is_legacy_plan, false) as is_legacy_plan,
        seats,
        currency,
        interval_count,
        case billing_interval
            when 'day' then 365 when 'week' then 52 when 'month' then 12 when 'quarter' then 4 when 'year' then 1
        end as intervals_a_year,
        unit_amount * quantity as amount
    from items
    where is_recurring_fee
),

-- A price counts only while its subscription is paid for: after the trial, before the end.
final as (
    select
        priced.subscription_item_id,
        priced.subscription_id,
        subscriptions.customer_id,
        greatest(priced.valid_from, subscriptions.paid_from) as valid_from,
        {{ earlier_end('priced.valid_to', 'subscriptions.ended_on') }} as valid_to,
        priced.plan_name,
        priced.is_legacy_plan,
        priced.seats,
        priced.currency,
        priced.intervals_a_year,
        priced.interval_count,
        cast(priced.amount as decimal(18, 4)) as amount,
        {{ divide_exact('priced.amount * priced.intervals_a_year', '12 * priced.interval_count', 8) }} as monthly_amount
    from priced
    inner join subscriptions
        on priced.subscription_id = subscriptions.subscription_id
    where
        {{ earlier_end('priced.valid_to', 'subscriptions.ended_on') }} is null
        or greatest(priced.valid_from, subscriptions.paid_from) < {{ earlier_end('priced.valid_to', 'subscriptions.ended_on') }}
)

select * from final
