{{ config(enabled=system_is_on('segment'), materialized='view') }}

with tracks as (
    select * from {{ ref('stg_segment__tracks') }}
    where rejected_reason is null
),

final as (
    select
        {{ source_key('segment', 'id') }} as event_id,
        'segment' as source_system,
        {{ source_key('segment', 'context_group_id') }} as workspace_id,
        {{ source_key('segment', 'user_id') }} as product_user_id,
        event as event_name,
        1 as event_count,
        occurred_at
    from tracks
)

select * from final
