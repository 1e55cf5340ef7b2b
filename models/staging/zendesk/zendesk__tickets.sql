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

-- Solved and closed are one state: a solved ticket closes by itself some days later.
statuses as (
    select
        ticket_id,
        updated,
        case when lower(field_value) in ('solved', 'closed') then 1 else 0 end as is_solved
    from changes
    where field_name = 'status' and field_value is not null
),

transitions as (
    select
        *,
        coalesce(lag(is_solved) over (partition by ticket_id order by updated), 0) as was_solved,
        row_number() over (partition by ticket_id order by updated desc) as changes_to_the_end
    from statuses
),

resolutions as (
    select
        ticket_id,
        max(case when changes_to_the_end = 1 then is_solved end) as is_solved_now,
        max(case when is_solved = 1 and was_solved = 0 then updated end) as last_solved_at,
        sum(case when is_solved = 0 and was_solved = 1 then 1 else 0 end) as reopened_count
    from transitions
    group by ticket_id
),

-- The first answer counts: one that is changed later must not change what was known before.
ratings as (
    select
        ticket_id,
        updated as rated_at,
        case lower(field_value) when 'good' then 5 when 'bad' then 1 end as rating,
        row_number() over (partition by ticket_id order by updated) as rating_number
    from changes
    where field_name = 'satisfaction_score' and lower(field_value) in ('good', 'bad')
),

final as (
    select
        {{ source_key('zendesk', 'tickets.id') }} as ticket_id,
        'zendesk' as source_system,
        {{ source_key('zendesk', 'coalesce(tickets.organization_id, users.organization_id)') }} as support_organization_id,
        case when lower(tickets.priority) in ('low', 'normal', 'high', 'urgent') then lower(tickets.priority) end as priority,
        tickets.created_at,
        -- Without a history of the status the ticket's own status must do.
        coalesce(
            case when resolutions.is_solved_now = 1 then resolutions.last_solved_at end,
            case when resolutions.ticket_id is null and tickets.status in ('solved', 'closed') then tickets.updated_at end
        ) as solved_at,
        resolutions.reopened_count,
        ratings.rating as csat_rating,
        ratings.rated_at as csat_rated_at
    from tickets
    left join users
        on tickets.requester_id = users.id
    left join resolutions
        on tickets.id = resolutions.ticket_id
    left join ratings
        on tickets.id = ratings.ticket_id and ratings.rating_number = 1
)

select * from final
