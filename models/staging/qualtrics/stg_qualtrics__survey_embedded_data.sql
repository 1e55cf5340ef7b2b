{{ config(enabled=system_is_on('qualtrics')) }}

with source as (
    {{ raw_rows('qualtrics', 'survey_embedded_data', optional=['value', 'import_id']) }}
),

responses as (
    {{ parent_states(ref('stg_qualtrics__survey_response'), 'id') }}
),

typed as (
    select
        {{ to_text('response_id') }} as response_id,
        {{ to_text(adapter.quote('key')) }} as field_name,
        {{ to_text(adapter.quote('value')) }} as field_value,
        {{ to_text('import_id') }} as import_id,
        {{ to_text('response_id') }} || coalesce('|' || {{ to_text(adapter.quote('key')) }}, '') as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash(['response_id', adapter.quote('key'), adapter.quote('value'), 'import_id']) }} as row_hash
    from source
),

checked as (
    select
        typed.*,
        {{ first_rejection([
            ('missing_key', 'response_id', 'response_id is null'),
            ('missing_required_value', 'key', 'field_name is null'),
            ('orphan', 'response_id', 'responses.parent_key is null'),
        ]) }}
    from typed
    left join responses
        on typed.response_id = responses.parent_key
),

final as (
    {{ reject_and_deduplicate('checked', ['response_id', 'field_name', 'import_id']) }}
)

select * from final
