{{ config(enabled=system_is_on('qualtrics')) }}

with source as (
    {{ raw_rows('qualtrics', 'survey', optional=['survey_name', 'survey_status', '_fivetran_deleted']) }}
),

typed as (
    select
        {{ to_text('id') }} as id,
        {{ to_text('survey_name') }} as survey_name,
        {{ to_text('survey_status') }} as survey_status,
        {{ to_boolean('_fivetran_deleted') }} as _fivetran_deleted,
        {{ to_text('id') }} as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash(['id', 'survey_name', 'survey_status', '_fivetran_deleted']) }} as row_hash
    from source
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'id', 'id is null'),
            ('deleted_in_source', '_fivetran_deleted', '_fivetran_deleted'),
        ]) }}
    from typed
),

final as (
    {{ reject_and_deduplicate('checked', ['id']) }}
)

select * from final
