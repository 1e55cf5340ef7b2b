{{ config(enabled=system_is_on('qualtrics')) }}

with source as (
    {{ raw_rows('qualtrics', 'question', optional=[
        'question_text', 'question_type', 'data_export_tag', '_fivetran_deleted',
    ]) }}
),

typed as (
    select
        {{ to_text('id') }} as id,
        {{ to_text('survey_id') }} as survey_id,
        {{ to_text('question_text') }} as question_text,
        {{ to_text('question_type') }} as question_type,
        {{ to_text('data_export_tag') }} as data_export_tag,
        {{ to_boolean('_fivetran_deleted') }} as _fivetran_deleted,
        {{ to_text('id') }} || '|' || {{ to_text('survey_id') }} as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash(['id', 'survey_id', 'question_text', 'question_type', 'data_export_tag', '_fivetran_deleted']) }} as row_hash
    from source
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'id', 'id is null'),
            ('missing_required_value', 'survey_id', 'survey_id is null'),
            ('deleted_in_source', '_fivetran_deleted', '_fivetran_deleted'),
        ]) }}
    from typed
),

final as (
    {{ reject_and_deduplicate('checked', ['id', 'survey_id']) }}
)

select * from final
