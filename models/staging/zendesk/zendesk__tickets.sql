{{ config(enabled=system_is_on('zendesk'), materialized='view') }}

with tickets as (
    select * from {{ ref('stg_zendesk__ticket') }}
    where rejected_reason is null
),

changes as (
    select * from {{ ref('stg_zendesk__ticket_field_history') }}
    where rejected_reason is null
),

users as (
    select * from {{ ref('stg_zendesk__user') }}
    where rejected_reason is null
),

-- Of rating and priority the first one counts: one that is changed later must not change what was known before.
ratings as (
    select
        ticket_id,
        updated as rated_at,
        case lower(field_value) when 'good' then 5 when 'bad' then 1 end as rating,
        row_number() over (partition by ticket_id order by updated) as rating_number
    from changes
    where field_name = 'satisfaction_score' and lower(field_value) in ('good', 'bad')
),

priorities as (
    select
        ticket_id,
        lower(field_value) as priority,
        row_number() over (partition by ticket_id order by updated) as priority_number
    from changes
    where field_name = 'priority' and lower(field_value) in ('low', 'normal', 'high', 'urgent')
),

final as (
    select
        {{ source_key('zendesk', 'tickets.id') }} as ticket_id,
        'zendesk' as source_system,
        {{ source_key('zendesk', 'coalesce(tickets.organization_id, users.organization_id)') }} as support_organization_id,
        -- Without a history of the priority the ticket's own must do.
        coalesce(
            priorities.priority,
            case when lower(tickets.priority) in ('low', 'normal', 'high', 'urgent') then lower(tickets.priority) end
        ) as priority,
        lower(tickets.type) as ticket_kind,
        tickets.created_at,
        ratings.rating as csat_rating,
        ratings.rated_at as csat_rated_at
    from tickets
    left join users
        on tickets.requester_id = users.id
    left join priorities
        on tickets.id = priorities.ticket_id and priorities.priority_number = 1
    left join ratings
        on tickets.id = ratings.ticket_id and ratings.rating_number = 1
)

select * from final
