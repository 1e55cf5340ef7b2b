{{ config(enabled=system_is_on('ravenstack'), materialized='view') }}

with support_tickets as (
    select * from {{ ref('stg_ravenstack__support_tickets') }}
    where rejected_reason is null
),

final as (
    select
        {{ source_key('ravenstack', 'ticket_id') }} as ticket_id,
        'ravenstack' as source_system,
        resolved_at as solved_at,
        null as reopened_at,
        false as reopening_is_told
    from support_tickets
    where resolved_at is not null
)

select * from final
