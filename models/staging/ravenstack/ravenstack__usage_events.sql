{{ config(enabled=system_is_on('ravenstack'), materialized='view') }}

with feature_usage as (
    select * from {{ ref('stg_ravenstack__feature_usage') }}
    where rejected_reason is null
),

subscriptions as (
    select * from {{ ref('stg_ravenstack__subscriptions') }}
    where rejected_reason is null
),

final as (
    select
        {{ source_key('ravenstack', 'feature_usage.usage_key') }} as event_id,
        'ravenstack' as source_system,
        -- Use is recorded by subscription; the account behind it is the workspace. Without the subscription it stays without one.
        {{ source_key('ravenstack', 'subscriptions.account_id') }} as workspace_id,
        null as product_user_id,
        feature_usage.feature_name as event_name,
        feature_usage.usage_count as event_count,
        feature_usage.used_at as occurred_at
    from feature_usage
    left join subscriptions on feature_usage.subscription_id = subscriptions.subscription_id
)

select * from final
