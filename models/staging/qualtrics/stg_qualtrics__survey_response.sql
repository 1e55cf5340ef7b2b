{{ config(enabled=system_is_on('qualtrics')) }}

with source as (
    {{ raw_rows('qualtrics', 'survey_response', optional=[
        'recipient_email', 'finished', 'status', 'progress', 'start_date', 'end_date', 'recorded_date',
    ]) }}
),

typed as (
    select
        {{ to_text('id') }} as id,
        {{ to_text('survey_id') }} as survey_id,
        {{ to_text('recipient_email') }} as recipient_email,
        {{ to_boolean('finished') }} as finished,
        {{ to_text('status') }} as status,
        {{ to_integer('progress') }} as progress,
        {{ to_timestamp_utc('start_date') }} as start_date,
        {{ to_timestamp_utc('end_date') }} as end_date,
        {{ to_text('end_date') }} as end_date_text,
        {{ to_timestamp_utc('recorded_date') }} as recorded_date,
        {{ to_text('id') }} as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash([
            'id', 'survey_id', 'recipient_email', 'finished', 'status', 'progress', 'start_date', 'end_date',
            'recorded_date',
        ]) }} as row_hash
    from source
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'id', 'id is null'),
            ('missing_required_value', 'survey_id', 'survey_id is null'),
            ('not_a_timestamp', 'end_date', 'end_date_text is not null and end_date is null'),
            ('missing_required_value', 'end_date', 'coalesce(end_date, recorded_date) is null'),
            ('implausible_date', 'end_date', "end_date < '2000-01-01'"),
            ('implausible_date', 'recorded_date', "recorded_date < '2000-01-01'"),
        ]) }}
    from typed
),

final as (
    {{ reject_and_deduplicate('checked', ['id']) }}
)

select * from final
