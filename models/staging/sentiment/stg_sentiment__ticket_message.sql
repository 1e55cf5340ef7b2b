{{ config(enabled=system_is_on('sentiment')) }}

with source as (
    {{ raw_rows('sentiment', 'ticket_message', optional=[
        'source_system', 'ticket_id', 'message_id', 'text_digest', 'model', 'model_version', 'is_in_force',
        'language', 'score', 'status',
    ]) }}
),

typed as (
    select
        {{ to_text('source_system') }} as source_system,
        {{ to_text('ticket_id') }} as ticket_id,
        {{ to_text('message_id') }} as message_id,
        {{ to_text('text_digest') }} as text_digest,
        {{ to_text('model') }} as model,
        {{ to_text('model_version') }} as model_version,
        {{ to_boolean('is_in_force') }} as is_in_force,
        {{ to_text('language') }} as language,
        {{ to_decimal('score', 5, 4) }} as score,
        {{ to_text('score') }} as score_text,
        {{ to_text('status') }} as status,
        {{ to_text('ticket_id') }} || ':' || {{ to_text('message_id') }} as raw_key,
        cast(null as {{ dbt.type_timestamp() }}) as loaded_at,
        {{ row_hash([
            'source_system', 'ticket_id', 'message_id', 'text_digest', 'model', 'model_version', 'is_in_force',
            'language', 'score', 'status',
        ]) }} as row_hash
    from source
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'source_system, ticket_id, message_id, text_digest, model, model_version',
             'source_system is null or ticket_id is null or message_id is null or text_digest is null or model is null or model_version is null'),
            ('not_a_number', 'score', 'score_text is not null and score is null'),
            ('out_of_range', 'score', 'score < -1 or score > 1'),
            ('missing_required_value', 'score', "status = 'scored' and score is null"),
        ]) }}
    from typed
),

final as (
    {{ reject_and_deduplicate('checked', ['source_system', 'ticket_id', 'message_id', 'text_digest', 'model', 'model_version']) }}
)

select * from final
