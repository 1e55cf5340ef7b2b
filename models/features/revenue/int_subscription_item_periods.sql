with items as (
    select * from {{ ref('subscription_items') }}
),

observed as (
    select * from {{ ref('observed_subscription_items') }}
),

subscriptions as (
    select * from {{ ref('int_subscription_periods') }}
),

windows as (
    {{ observed_windows('observed', 'subscription_item_id', [
        'subscription_id', 'created_at', 'plan_name', 'is_legacy_plan', 'unit_amount', 'quantity', 'seats', 'currency', 'billing_interval',
        'interval_count', 'is_recurring_fee', 'is_taken_off',
    ]) }}
),

-- An item that was taken off ended; one that went with everything of its subscription is gone for the past, too.
known as (
    select
        *,
        max(case when is_taken_off and valid_to is null then 1 else 0 end) over (partition by subscription_item_id) as has_ended
    from windows
),

-- Where the source keeps history itself, that is taken; and for an item that nobody has looked at yet.
seen as (
    select
        known.*,
        items.valid_to as ends_at
    from known
    left join items
        on known.subscription_item_id = items.subscription_item_id
    where
        not known.is_taken_off
        and (items.is_overwritten or (items.subscription_item_id is null and known.has_ended = 1))
),

seen_items as (
    select distinct subscription_item_id from seen
),

said as (
    select
        items.subscription_item_id,
        items.subscription_id,
        {{ local_date('items.valid_from') }} as valid_from,
        {{ local_date('items.valid_to') }} as valid_to,
        items.plan_name,
        items.is_legacy_plan,
        items.unit_amount,
        items.quantity,
        items.seats,
        items.currency,
        items.billing_interval,
        items.interval_count,
        items.is_recurring_fee
    from items
    left join seen_items
        on items.subscription_item_id = seen_items.subscription_item_id
    where seen_items.subscription_item_id is null
    union all
    select
        subscription_item_id,
        subscription_id,
        greatest(coalesce(valid_from, {{ local_date('created_at') }}), {{ local_date('created_at') }}) as valid_from,
        {{ earlier_end('valid_to', local_date('ends_at')) }} as valid_to,
        plan_name,
        is_legacy_plan,
        unit_amount,
        quantity,
        seats,
        currency,
        billing_interval,
        interval_count,
        is_recurring_fee
    from seen
),

-- Bills a year: what turns the price of an interval into the price of a month.
priced as (
    select
        subscription_item_id,
        subscription_id,
        valid_from,
        valid_to,
        plan_name,
        coalesce(is_legacy_plan, false) as is_legacy_plan,
        seats,
        currency,
        interval_count,
        case billing_interval
            when 'day' then 365 when 'week' then 52 when 'month' then 12 when 'quarter' then 4 when 'year' then 1
        end as intervals_a_year,
        unit_amount * quantity as amount
    from said
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
