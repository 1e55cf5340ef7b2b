{{ config(enabled=system_is_on('miaad'), materialized='view') }}

with subscriptions as (
    select * from {{ ref('stg_miaad__subscriptions') }}
    where rejected_reason is null
),

accounts as (
    select * from {{ ref('stg_miaad__accounts') }}
    where rejected_reason is null
),

with_trial_end as (
    select
        subscriptions.subscription_id,
        subscriptions.account_id,
        subscriptions.trial_started_at,
        {{ dbt.dateadd('day', 'accounts.trial_days', 'subscriptions.trial_started_at') }} as trial_over_at,
        subscriptions.converted_at,
        subscriptions.cancelled_at,
        subscriptions.plan_name,
        subscriptions.monthly_recurring_revenue
    from subscriptions
    left join accounts on subscriptions.account_id = accounts.account_id
),

final as (
    select
        *,
        case
            when converted_at is null then 'never converted'
            when converted_at > trial_over_at then 'converted late'
            else 'converted in trial'
        end as trial_outcome
    from with_trial_end
)

select * from final
