{{ config(enabled=system_is_on('ravenstack'), materialized='view') }}

with support_tickets as (
    select * from {{ ref('stg_ravenstack__support_tickets') }}
    where rejected_reason is null
),

rated as (
    select
        *,
        -- A rating off the scale of 1 to 5 is no rating; the ticket itself is sound.
        case when satisfaction_score >= 1 and satisfaction_score <= 5 then satisfaction_score end as csat_rating
    from support_tickets
),

final as (
    select
        {{ source_key('ravenstack', 'ticket_id') }} as ticket_id,
        'ravenstack' as source_system,
        {{ source_key('ravenstack', 'account_id') }} as support_organization_id,
        case when priority = 'medium' then 'normal' else priority end as priority,
        cast(null as {{ dbt.type_string() }}) as ticket_kind,
        opened_at as created_at,
        csat_rating,
        -- Customers are asked once the ticket is closed; the file has no time of its own for the answer.
        case when csat_rating is not null then coalesce(resolved_at, opened_at) end as csat_rated_at
    from rated
)

select * from final
