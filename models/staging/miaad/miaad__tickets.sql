{{ config(enabled=system_is_on('miaad'), materialized='view') }}

with support_tickets as (
    select * from {{ ref('stg_miaad__support_tickets') }}
    where rejected_reason is null
),

timed as (
    select
        *,
        -- A rating off the scale of 1 to 5 is no rating; the ticket itself is sound.
        case when csat_score >= 1 and csat_score <= 5 then csat_score end as csat_rating,
        {{ dbt.dateadd('minute', 'cast(round(resolution_hours * 60) as integer)', 'opened_at') }} as resolved_at
    from support_tickets
),

final as (
    select
        {{ source_key('miaad', 'ticket_id') }} as ticket_id,
        'miaad' as source_system,
        {{ source_key('miaad', 'account_id') }} as support_organization_id,
        case when priority = 'medium' then 'normal' else priority end as priority,
        cast(null as {{ dbt.type_string() }}) as ticket_kind,
        opened_at as created_at,
        csat_rating,
        -- Customers are asked once the ticket is resolved; the file has no time of its own for the answer.
        case when csat_rating is not null then coalesce(resolved_at, opened_at) end as csat_rated_at
    from timed
)

select * from final
