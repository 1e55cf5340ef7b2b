{{ config(enabled=system_is_on('miaad'), materialized='view') }}

with trial_outcomes as (
    select * from {{ ref('miaad__trial_outcomes') }}
),

paid as (
    select
        *,
        {{ source_key('miaad', 'subscription_id') }}
        || case when trial_outcome = 'converted late' then ':paid' else '' end as paid_subscription_id
    from trial_outcomes
    where converted_at is not null
),

final as (
    select
        paid_subscription_id as subscription_item_id,
        'miaad' as source_system,
        paid_subscription_id as subscription_id,
        converted_at as valid_from,
        cancelled_at as valid_to,
        plan_name,
        null as is_legacy_plan,
        monthly_recurring_revenue as unit_amount,
        1 as quantity,
        null as seats,
        'USD' as currency,
        'month' as billing_interval,
        1 as interval_count,
        true as is_recurring_fee,
        null as is_overwritten
    from paid
)

select * from final
