{{ config(enabled=system_is_on('segment'), materialized='view') }}

with tracks as (
    select * from {{ ref('stg_segment__tracks') }}
    where rejected_reason is null
),

calls as (
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

memberships as (
    select
        user_id,
        group_id,
        joined_on,
        lead(joined_on) over (partition by user_id order by joined_on) as left_on
    from compared
    where group_before is null or group_before <> group_id
),

-- An event belongs to the workspace it names, else to the one its user was in on that day. A group call of a later day does not
-- reach back: what was known on a day must not change afterwards.
final as (
    select
        {{ source_key('segment', 'tracks.id') }} as event_id,
        'segment' as source_system,
        {{ source_key('segment', 'coalesce(tracks.context_group_id, memberships.group_id)') }} as workspace_id,
        {{ source_key('segment', 'tracks.user_id') }} as product_user_id,
        tracks.event as event_name,
        1 as event_count,
        tracks.occurred_at
    from tracks
    left join memberships
        on
            case when tracks.context_group_id is null then tracks.user_id end = memberships.user_id
            and {{ local_date('tracks.occurred_at') }} >= memberships.joined_on
            and (memberships.left_on is null or {{ local_date('tracks.occurred_at') }} < memberships.left_on)
)

select * from final
