{{ config(enabled=system_is_on('salesforce')) }}

with source as (
    {{ raw_rows('salesforce', 'task', optional=[
        'account_id', 'what_id', 'who_id', 'owner_id', 'subject', 'type', 'task_subtype', 'status',
        'call_disposition', 'activity_date', 'completed_date_time', 'created_date', 'is_closed',
        'is_deleted',
    ]) }}
),

typed as (
    select
        {{ to_text('id') }} as id,
        {{ to_text('account_id') }} as account_id,
        {{ to_text('what_id') }} as what_id,
        {{ to_text('who_id') }} as who_id,
        {{ to_text('owner_id') }} as owner_id,
        {{ to_text('subject') }} as subject,
        {{ to_text('type') }} as type,
        {{ to_text('task_subtype') }} as task_subtype,
        {{ to_text('status') }} as status,
        {{ to_text('call_disposition') }} as call_disposition,
        {{ local_to_utc(to_timestamp_utc('activity_date')) }} as activity_date,
        {{ to_text('activity_date') }} as activity_date_text,
        {{ to_timestamp_utc('completed_date_time') }} as completed_date_time,
        {{ to_text('completed_date_time') }} as completed_date_time_text,
        {{ to_timestamp_utc('created_date') }} as created_date,
        {{ to_boolean('is_closed') }} as is_closed,
        {{ to_boolean('is_deleted') }} as is_deleted,
        {{ to_text('id') }} as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash([
            'id', 'account_id', 'what_id', 'who_id', 'owner_id', 'subject', 'type', 'task_subtype', 'status',
            'call_disposition', 'activity_date', 'completed_date_time', 'created_date', 'is_closed',
            'is_deleted',
        ]) }} as row_hash
    from source
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'id', 'id is null'),
            ('not_a_timestamp', 'completed_date_time', 'completed_date_time_text is not null and completed_date_time is null'),
            ('not_a_timestamp', 'activity_date', 'activity_date_text is not null and activity_date is null'),
            ('missing_required_value', 'completed_date_time', 'coalesce(completed_date_time, activity_date, created_date) is null'),
            ('implausible_date', 'completed_date_time', "coalesce(completed_date_time, activity_date, created_date) < '2000-01-01'"),
            ('deleted_in_source', 'is_deleted', 'is_deleted'),
        ]) }}
    from typed
),

final as (
    {{ reject_and_deduplicate('checked', ['id']) }}
)

select * from final
