{{ config(materialized='incremental', incremental_strategy='rebuilds', unique_key=['account_id', 'activity_date'], partition_by=activity_partition()) }}

with user_days as (
    select * from {{ ref('int_user_days') }}
),

matches as (
    select * from {{ ref('int_account_match_windows') }}
),

rebuilds as (
    select * from {{ ref('int_rebuilds') }}
),

final as (
    select
        matches.account_id,
        user_days.activity_date,
        cast(sum(user_days.actions) as bigint) as actions,
        cast(sum(user_days.core_actions) as bigint) as core_actions,
        cast(sum(user_days.advanced_actions) as bigint) as advanced_actions,
        cast(sum(user_days.admin_actions) as bigint) as admin_actions,
        cast(sum(user_days.failed_actions) as bigint) as failed_actions,
        cast(sum(user_days.self_service_actions) as bigint) as self_service_actions,
        bit_or(user_days.feature_bits) as feature_bits,
        user_days.activity_month
    from user_days
    inner join matches
        on
            matches.entity_type = 'workspace'
            and user_days.workspace_id = matches.entity_id
            and {{ holds_on('matches', 'user_days.activity_date') }}
    inner join rebuilds
        on
            matches.account_id = rebuilds.account_id
            and user_days.activity_date >= {{ replaced_with('rebuilds.rebuild_from') }}
    where
        matches.account_id is not null
        and user_days.activity_date <= {{ as_of_date() }}
    group by matches.account_id, user_days.activity_date, user_days.activity_month
)

select * from final
