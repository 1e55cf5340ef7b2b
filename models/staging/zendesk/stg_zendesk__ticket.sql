{{ config(enabled=system_is_on('zendesk')) }}

with source as (
    {{ raw_rows('zendesk', 'ticket', optional=[
        'organization_id', 'requester_id', 'priority', 'status', 'type', 'subject', 'description',
        'via_channel', 'updated_at', '_fivetran_deleted',
    ]) }}
),

typed as (
    select
        {{ to_text('id') }} as id,
        {{ to_text('organization_id') }} as organization_id,
        {{ to_text('requester_id') }} as requester_id,
        {{ to_text('priority') }} as priority,
        {{ to_text('status') }} as status,
        {{ to_text('type') }} as type,
        {{ to_text('subject') }} as subject,
        {{ to_text('description') }} as description,
        {{ to_text('via_channel') }} as via_channel,
        {{ to_timestamp_utc('created_at') }} as created_at,
        {{ to_text('created_at') }} as created_at_text,
        {{ to_timestamp_utc('updated_at') }} as updated_at,
        {{ to_boolean('_fivetran_deleted') }} as _fivetran_deleted,
        {{ to_text('id') }} as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash([
            'id', 'organization_id', 'requester_id', 'priority', 'status', 'type', 'subject', 'description',
            'via_channel', 'created_at', 'updated_at', '_fivetran_deleted',
        ]) }} as row_hash
    from source
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'id', 'id is null'),
            ('missing_required_value', 'created_at', 'created_at_text is null'),
            ('not_a_timestamp', 'created_at', 'created_at is null'),
            ('implausible_date', 'created_at', "created_at < '2000-01-01'"),
            ('deleted_in_source', '_fivetran_deleted', "_fivetran_deleted or status = 'deleted'"),
        ]) }}
    from typed
),

final as (
    {{ reject_and_deduplicate('checked', ['id']) }}
)

select * from final
