{{ config(enabled=system_is_on('salesforce')) }}

with source as (
    {{ raw_rows('salesforce', 'event', optional=[
        'account_id', 'what_id', 'who_id', 'owner_id', 'type', 'subject', 'start_date_time',
        'end_date_time', 'activity_date_time', 'created_date', 'is_deleted',
    ]) }}
),

typed as (
    select
        {{ to_text('id') }} as id,
        {{ to_text('account_id') }} as account_id,
        {{ to_text('what_id') }} as what_id,
        {{ to_text('who_id') }} as who_id,
        {{ to_text('owner_id') }} as owner_id,
        {{ to_text('type') }} as type,
        {{ to_text('subject') }} as subject,
        {{ to_timestamp_utc('start_date_time') }} as start_date_time,
        {{ to_text('start_date_time') }} as start_date_time_text,
        {{ to_timestamp_utc('end_date_time') }} as end_date_time,
        {{ to_text('end_date_time') }} as end_date_time_text,
        {{ to_timestamp_utc('activity_date_time') }} as activity_date_time,
        {{ to_timestamp_utc('created_date') }} as created_date,
        {{ to_boolean('is_deleted') }} as is_deleted,
        {{ to_text('id') }} as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash([
            'id', 'account_id', 'what_id', 'who_id', 'owner_id', 'type', 'subject', 'start_date_time',
            'end_date_time', 'activity_date_time', 'created_date', 'is_deleted',
        ]) }} as row_hash
    from source
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'id', 'id is null'),
            ('not_a_timestamp', 'start_date_time', 'start_date_time_text is not null and start_date_time is null'),
            ('not_a_timestamp', 'end_date_time', 'end_date_time_text is not null and end_date_time is null'),
            ('missing_required_value', 'start_date_time', 'coalesce(start_date_time, activity_date_time) is null'),
            ('implausible_date', 'start_date_time', "coalesce(start_date_time, activity_date_time) < '2000-01-01'"),
            ('ends_before_it_starts', 'end_date_time', 'end_date_time < coalesce(start_date_time, activity_date_time)'),
            ('deleted_in_source', 'is_deleted', 'is_deleted'),
        ]) }}
    from typed
),

final as (
    {{ reject_and_deduplicate('checked', ['id']) }}
)

select * from final
