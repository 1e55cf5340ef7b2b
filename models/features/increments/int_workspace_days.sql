{{ config(materialized='incremental', incremental_strategy='days', unique_key=['workspace_id', 'activity_date'], partition_by=activity_partition()) }}

with user_days as (
    select * from {{ ref('int_user_days') }}
),

days as (
    select * from {{ ref('int_days_to_roll_up') }}
),

-- Kept, so that a run digests the days of users that it rolled up, and not all of them again.
final as (
    select
        user_days.workspace_id,
        user_days.activity_date,
        cast(sum({{ row_digest('user_days') }}) as decimal(38, 0)) as digest,
        cast(count(*) as bigint) as row_count,
        user_days.activity_month
    from user_days
    inner join days
        on user_days.activity_date = days.activity_date
    group by user_days.workspace_id, user_days.activity_date, user_days.activity_month
)

select * from final
