{{ config(enabled=system_is_on('miaad'), materialized='view') }}

with product_events as (
    select * from {{ ref('stg_miaad__product_events') }}
    where rejected_reason is null
),

final as (
    select
        {{ source_key('miaad', 'event_id') }} as event_id,
        'miaad' as source_system,
        {{ source_key('miaad', 'account_id') }} as workspace_id,
        -- The product records no user: who and how many were active is not known, and is not guessed.
        null as product_user_id,
        event_name,
        1 as event_count,
        occurred_at
    from product_events
)

select * from final
