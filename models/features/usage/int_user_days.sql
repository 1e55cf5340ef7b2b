{{ config(
    materialized='incremental', incremental_strategy='days', unique_key=['workspace_id', 'product_user_id', 'activity_date'],
    partition_by=activity_partition(), pre_hook='{{ know_the_first_day() }}', post_hook='{{ forget_the_first_day() }}'
) }}

with events as (
    select
        *,
        {{ local_date('occurred_at') }} as activity_date
    from {{ ref('usage_events') }}
    where {{ since_the_first_day('occurred_at') }}
),

days as (
    select * from {{ ref('int_days_to_roll_up') }}
),

features as (
    select * from {{ ref('feature_catalogue') }}
),

memberships as (
    select * from {{ ref('workspace_memberships') }}
),

-- The only roll-up of the events: what comes after works on this. Features are bits, so that distinct counts stay cheap.
rolled_up as (
    select
        events.workspace_id,
        events.product_user_id,
        events.activity_date,
        cast(sum(events.event_count) as bigint) as actions,
        cast(sum(case when features.is_core then events.event_count else 0 end) as bigint) as core_actions,
        cast(sum(case when features.is_advanced then events.event_count else 0 end) as bigint) as advanced_actions,
        cast(sum(case when features.is_admin then events.event_count else 0 end) as bigint) as admin_actions,
        cast(sum(case when features.is_failure then events.event_count else 0 end) as bigint) as failed_actions,
        cast(sum(case when features.is_self_service then events.event_count else 0 end) as bigint) as self_service_actions,
        bit_or(coalesce(features.feature_bit, 0)) as feature_bits
    from events
    inner join days
        on events.activity_date = days.activity_date
    left join features
        on
            events.source_system = features.source_system
            and events.event_name = features.event_name
    group by events.workspace_id, events.product_user_id, events.activity_date
),

-- An event belongs to the workspace it names, else to the one its user was in on that day.
final as (
    select
        coalesce(rolled_up.workspace_id, memberships.workspace_id) as workspace_id,
        rolled_up.workspace_id is not null as is_named,
        rolled_up.product_user_id,
        rolled_up.activity_date,
        rolled_up.actions,
        rolled_up.core_actions,
        rolled_up.advanced_actions,
        rolled_up.admin_actions,
        rolled_up.failed_actions,
        rolled_up.self_service_actions,
        rolled_up.feature_bits,
        cast({{ dbt.date_trunc('month', 'rolled_up.activity_date') }} as date) as activity_month
    from rolled_up
    left join memberships
        on
            rolled_up.workspace_id is null
            and rolled_up.product_user_id = memberships.product_user_id
            and {{ holds_on('memberships', 'rolled_up.activity_date') }}
    where coalesce(rolled_up.workspace_id, memberships.workspace_id) is not null
)

select * from final
