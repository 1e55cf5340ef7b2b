{{ config(enabled=system_is_on('segment'), materialized='view') }}

with tracks as (
    select * from {{ ref('stg_segment__tracks') }}
    where rejected_reason is null and user_id is not null
),

identifies as (
    select * from {{ ref('stg_segment__identifies') }}
    where rejected_reason is null
),

calls as (
    select * from {{ ref('stg_segment__groups') }}
    where rejected_reason is null
),

memberships as (
    select
        user_id,
        group_id,
        row_number() over (partition by user_id order by occurred_at desc, {{ binary_order('id') }} desc) as calls_to_the_end
    from calls
),

sightings as (
    select
        user_id,
        min(occurred_at) as first_seen_at,
        min(context_group_id) as first_group_id,
        max(context_group_id) as last_group_id
    from tracks
    group by user_id
    union all
    select
        user_id,
        occurred_at,
        null,
        null
    from identifies
    union all
    select
        user_id,
        occurred_at,
        null,
        null
    from calls
),

seen as (
    select
        user_id,
        min(first_seen_at) as first_seen_at,
        min(first_group_id) as first_group_id,
        max(last_group_id) as last_group_id
    from sightings
    group by user_id
),

-- Without a group call the events decide, if they all name the same workspace.
final as (
    select
        {{ source_key('segment', 'seen.user_id') }} as product_user_id,
        'segment' as source_system,
        {{ source_key('segment', 'coalesce(memberships.group_id, case when seen.first_group_id = seen.last_group_id then seen.first_group_id end)') }} as workspace_id,
        seen.first_seen_at
    from seen
    left join memberships
        on seen.user_id = memberships.user_id and memberships.calls_to_the_end = 1
)

select * from final
