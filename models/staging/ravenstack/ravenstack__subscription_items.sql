{{ config(enabled=system_is_on('ravenstack'), materialized='view') }}

with subscriptions as (
    select * from {{ ref('stg_ravenstack__subscriptions') }}
    where rejected_reason is null
),

-- A trial has no price, so it has no item: its seats are not licences that somebody pays for.
paid as (
    select * from subscriptions
    where coalesce(is_trial, false) = false
),

final as (
    select
        {{ source_key('ravenstack', 'subscription_id') }} as subscription_item_id,
        'ravenstack' as source_system,
        {{ source_key('ravenstack', 'subscription_id') }} as subscription_id,
        started_at as valid_from,
        ended_at as valid_to,
        plan_tier as plan_name,
        null as is_legacy_plan,
        -- The source has normalised the price to a month: who pays by the year pays twelve of them, and is bound for as long.
        case when billing_frequency = 'annual' then 12 * mrr_amount else mrr_amount end as unit_amount,
        1 as quantity,
        seats,
        'USD' as currency,
        case when billing_frequency = 'annual' then 'year' else 'month' end as billing_interval,
        1 as interval_count,
        true as is_recurring_fee,
        null as is_overwritten
    from paid
)

select * from final
