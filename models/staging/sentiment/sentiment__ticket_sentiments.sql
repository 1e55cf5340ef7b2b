{{ config(enabled=system_is_on('sentiment'), materialized='view') }}

with messages as (
    select * from {{ ref('stg_sentiment__ticket_message') }}
    where rejected_reason is null
),

final as (
    select
        source_system || ':' || ticket_id as ticket_id,
        message_id,
        source_system,
        text_digest,
        model,
        model_version,
        language,
        status as sentiment_status,
        case when status = 'scored' then score end as sentiment_score
    from messages
    where is_in_force
)

select * from final
