with messages as (
    select * from {{ ref('ticket_messages') }}
),

sentiments as (
    select * from {{ ref('ticket_sentiments') }}
),

tickets as (
    select * from {{ ref('tickets') }}
),

-- A score holds for the very text it was computed from: a message whose text is another by now has none until it is scored again.
final as (
    select
        tickets.support_organization_id,
        messages.ticket_id,
        messages.message_id,
        messages.written_at,
        {{ local_date('messages.written_at') }} as written_on,
        sentiments.language,
        sentiments.model,
        sentiments.model_version,
        coalesce(sentiments.sentiment_status, 'not_computed') as sentiment_status,
        cast(sentiments.sentiment_score as decimal(9, 4)) as sentiment_score
    from messages
    inner join tickets
        on messages.ticket_id = tickets.ticket_id
    left join sentiments
        on
            messages.ticket_id = sentiments.ticket_id
            and messages.message_id = sentiments.message_id
            and messages.text_digest = sentiments.text_digest
)

select * from final
