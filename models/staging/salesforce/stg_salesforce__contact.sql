{{ config(enabled=system_is_on('salesforce')) }}

with source as (
    {{ raw_rows('salesforce', 'contact', optional=[
        'account_id', 'name', 'email', 'title', 'department', 'created_date', 'last_modified_date',
        'email_bounced_date', 'is_deleted',
    ]) }}
),

typed as (
    select
        {{ to_text('id') }} as id,
        {{ to_text('account_id') }} as account_id,
        {{ to_text('name') }} as name,
        {{ to_text('email') }} as email,
        {{ to_text('title') }} as title,
        {{ to_text('department') }} as department,
        {{ to_timestamp_utc('created_date') }} as created_date,
        {{ to_text('created_date') }} as created_date_text,
        {{ to_timestamp_utc('last_modified_date') }} as last_modified_date,
        {{ to_timestamp_utc('email_bounced_date') }} as email_bounced_date,
        {{ to_boolean('is_deleted') }} as is_deleted,
        {{ to_text('id') }} as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash([
            'id', 'account_id', 'name', 'email', 'title', 'department', 'created_date', 'last_modified_date',
            'email_bounced_date', 'is_deleted',
        ]) }} as row_hash
    from source
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'id', 'id is null'),
            ('not_a_timestamp', 'created_date', 'created_date_text is not null and created_date is null'),
            ('missing_required_value', 'created_date', 'coalesce(created_date, last_modified_date) is null'),
            ('implausible_date', 'created_date', "created_date < '2000-01-01'"),
            ('deleted_in_source', 'is_deleted', 'is_deleted'),
        ]) }}
    from typed
),

final as (
    {{ reject_and_deduplicate('checked', ['id']) }}
)

select * from final
