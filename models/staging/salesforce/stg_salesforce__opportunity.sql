{{ config(enabled=system_is_on('salesforce')) }}

with source as (
    {{ raw_rows('salesforce', 'opportunity', optional=[
        'account_id', 'name', 'type', 'stage_name', 'amount', 'close_date', 'is_closed', 'is_won',
        'owner_id', 'is_deleted',
    ]) }}
),

typed as (
    select
        {{ to_text('id') }} as id,
        {{ to_text('account_id') }} as account_id,
        {{ to_text('name') }} as name,
        {{ to_text('type') }} as type,
        {{ to_text('stage_name') }} as stage_name,
        {{ to_decimal('amount') }} as amount,
        {{ to_timestamp_utc('created_date') }} as created_date,
        {{ to_text('created_date') }} as created_date_text,
        {{ local_to_utc(to_timestamp_utc('close_date')) }} as close_date,
        {{ to_boolean('is_closed') }} as is_closed,
        {{ to_boolean('is_won') }} as is_won,
        {{ to_text('owner_id') }} as owner_id,
        {{ to_boolean('is_deleted') }} as is_deleted,
        {{ to_text('id') }} as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash([
            'id', 'account_id', 'name', 'type', 'stage_name', decimal_as_read('amount'), 'created_date', 'close_date',
            'is_closed', 'is_won', 'owner_id', 'is_deleted',
        ]) }} as row_hash
    from source
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'id', 'id is null'),
            ('missing_required_value', 'created_date', 'created_date_text is null'),
            ('not_a_timestamp', 'created_date', 'created_date is null'),
            ('implausible_date', 'created_date', "created_date < '2000-01-01'"),
            ('deleted_in_source', 'is_deleted', 'is_deleted'),
        ]) }}
    from typed
),

final as (
    {{ reject_and_deduplicate('checked', ['id']) }}
)

select * from final
