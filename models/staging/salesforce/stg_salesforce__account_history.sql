{{ config(enabled=system_is_on('salesforce')) }}

with source as (
    {{ raw_rows('salesforce', 'account_history', optional=[
        'type', 'industry', 'billing_country', 'number_of_employees', 'annual_revenue', 'website',
        'account_number', 'parent_id', 'owner_id', 'master_record_id', 'created_date', 'is_deleted',
        '_fivetran_end', '_fivetran_active',
    ]) }}
),

typed as (
    select
        {{ to_text('id') }} as id,
        {{ to_text('name') }} as name,
        {{ to_text('type') }} as type,
        {{ to_text('industry') }} as industry,
        {{ to_text('billing_country') }} as billing_country,
        {{ to_integer('number_of_employees') }} as number_of_employees,
        {{ to_decimal('annual_revenue') }} as annual_revenue,
        {{ to_text('website') }} as website,
        {{ to_text('account_number') }} as account_number,
        {{ to_text('parent_id') }} as parent_id,
        {{ to_text('owner_id') }} as owner_id,
        {{ to_text('master_record_id') }} as master_record_id,
        {{ to_timestamp_utc('created_date') }} as created_date,
        {{ to_boolean('is_deleted') }} as is_deleted,
        {{ to_timestamp_utc('_fivetran_start') }} as _fivetran_start,
        {{ to_text('_fivetran_start') }} as _fivetran_start_text,
        {{ to_timestamp_utc('_fivetran_end') }} as _fivetran_end,
        {{ to_text('_fivetran_end') }} as _fivetran_end_text,
        {{ to_boolean('_fivetran_active') }} as _fivetran_active,
        {{ to_text('id') }} || coalesce('|' || {{ to_text('_fivetran_start') }}, '') as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash([
            'id', 'name', 'type', 'industry', 'billing_country', 'number_of_employees', decimal_as_read('annual_revenue'),
            'website', 'account_number', 'parent_id', 'owner_id', 'master_record_id', 'created_date',
            'is_deleted', '_fivetran_start', '_fivetran_end', '_fivetran_active',
        ]) }} as row_hash
    from source
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'id', 'id is null'),
            ('missing_required_value', '_fivetran_start', '_fivetran_start_text is null'),
            ('not_a_timestamp', '_fivetran_start', '_fivetran_start is null'),
            ('not_a_timestamp', '_fivetran_end', '_fivetran_end_text is not null and _fivetran_end is null'),
            ('implausible_date', '_fivetran_start', "_fivetran_start < '2000-01-01'"),
            ('ends_before_it_starts', '_fivetran_end', '_fivetran_end < _fivetran_start'),
        ]) }}
    from typed
),

final as (
    {{ reject_and_deduplicate('checked', ['id', '_fivetran_start']) }}
)

select * from final
