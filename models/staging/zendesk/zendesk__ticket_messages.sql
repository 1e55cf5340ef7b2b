{{ config(enabled=system_is_on('zendesk'), materialized='view') }}

with tickets as (
    select * from {{ ref('stg_zendesk__ticket') }}
    where rejected_reason is null
),

comments as (
    select * from {{ ref('stg_zendesk__ticket_comment') }}
    where rejected_reason is null
),

-- The first comment of a ticket is its description, and our own answers say nothing of how the customer feels.
final as (
    select
        {{ source_key('zendesk', 'id') }} as ticket_id,
        'description' as message_id,
        'zendesk' as source_system,
        created_at as written_at,
        {{ dbt.hash("coalesce(subject || '. ', '') || coalesce(description, '')") }} as text_digest
    from tickets
    where subject is not null or description is not null
    union all
    select
        {{ source_key('zendesk', 'comments.ticket_id') }} as ticket_id,
        comments.id as message_id,
        'zendesk' as source_system,
        comments.created as written_at,
        {{ dbt.hash('comments.body') }} as text_digest
    from comments
    inner join tickets
        on
            comments.ticket_id = tickets.id
            and comments.user_id = tickets.requester_id
    where
        comments.body is not null
        and comments.body <> coalesce(tickets.description, '')
)

select * from final
