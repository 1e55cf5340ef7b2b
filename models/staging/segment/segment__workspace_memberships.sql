{{ config(enabled=system_is_on('segment'), materialized='view') }}

with calls as (
    select * from {{ ref('stg_segment__groups') }}
    where rejected_reason is null
),

-- The last group call of a user's day decides for the day and until the next day that has one.
ranked as (
    select
        user_id,
        group_id,
        {{ local_date('occurred_at') }} as joined_on,
        row_number() over (
            partition by user_id, {{ local_date('occurred_at') }} order by occurred_at desc, {{ binary_order('id') }} desc
        ) as calls_to_the_end
    from calls
),

compared as (
    select
        user_id,
        group_id,
        joined_on,
        lag(group_id) over (partition by user_id order by joined_on) as group_before
    from ranked
    where calls_to_the_end = 1
),

-- A call of a later day does not reach back: what was known on a day must not change afterwards.
final as (
    select
        {{ source_key('segment', 'user_id') }} as product_user_id,
        'segment' as source_system,
        {{ source_key('segment', 'group_id') }} as workspace_id,
        joined_on as valid_from,
        lead(joined_on) over (partition by user_id order by joined_on) as valid_to
    from compared
    where group_before is null or group_before <> group_id
)

select * from final
