{{ config(enabled=system_is_on('salesforce')) }}

with source as (
    {{ raw_rows('salesforce', 'account', optional=[
        'type', 'industry', 'billing_country', 'number_of_employees', 'annual_revenue', 'website',
        'account_number', 'parent_id', 'owner_id', 'master_record_id', 'created_date', 'is_deleted',
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
        {{ to_text('created_date') }} as created_date_text,
        {{ to_boolean('is_deleted') }} as is_deleted,
        {{ to_text('id') }} as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash([
            'id', 'name', 'type', 'industry', 'billing_country', 'number_of_employees', decimal_as_read('annual_revenue'),
            'website', 'account_number', 'parent_id', 'owner_id', 'master_record_id', 'created_date',
            'is_deleted',
        ]) }} as row_hash
    from source
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'id', 'id is null'),
            ('not_a_timestamp', 'created_date', 'created_date_text is not null and created_date is null'),
            ('implausible_date', 'created_date', "created_date < '2000-01-01'"),
            ('missing_required_value', 'created_date', 'coalesce(created_date, loaded_at) is null'),
        ]) }}
    from typed
),

final as (
    {{ reject_and_deduplicate('checked', ['id']) }}
)

select * from final
