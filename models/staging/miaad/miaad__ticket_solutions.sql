{{ config(enabled=system_is_on('miaad'), materialized='view') }}

with support_tickets as (
    select * from {{ ref('stg_miaad__support_tickets') }}
    where rejected_reason is null
),

-- The file gives the hours a solution took; a ticket without them is open.
final as (
    select
        {{ source_key('miaad', 'ticket_id') }} as ticket_id,
        'miaad' as source_system,
        {{ dbt.dateadd('minute', 'cast(round(resolution_hours * 60) as integer)', 'opened_at') }} as solved_at,
        null as reopened_at,
        false as reopening_is_told
    from support_tickets
    where resolution_hours is not null
)

select * from final
