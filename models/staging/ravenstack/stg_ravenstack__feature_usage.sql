{{ config(enabled=system_is_on('ravenstack')) }}

with source as (
    {{ raw_rows('ravenstack', 'feature_usage', optional=['subscription_id', 'usage_duration_secs', 'error_count', 'is_beta_feature']) }}
),

typed as (
    select
        {{ to_text('usage_id') }} as usage_id,
        {{ to_text('subscription_id') }} as subscription_id,
        {{ to_text('usage_date') }} as usage_date_text,
        {{ to_timestamp_day_first('usage_date') }} as used_at,
        {{ to_text('feature_name') }} as feature_name,
        {{ to_text('usage_count') }} as usage_count_text,
        {{ to_integer('usage_count') }} as usage_count,
        {{ to_integer('usage_duration_secs') }} as usage_duration_secs,
        {{ to_integer('error_count') }} as error_count,
        {{ to_boolean('is_beta_feature') }} as is_beta_feature,
        cast(null as {{ dbt.type_timestamp() }}) as loaded_at
    from source
),

-- The fingerprint is taken of the values as read, so that it is the same for a file that a spreadsheet has rewritten.
fingerprinted as (
    select
        *,
        {{ row_hash([
            'usage_id', 'subscription_id', as_read('used_at', 'usage_date_text'), 'feature_name',
            as_read('usage_count', 'usage_count_text'), 'usage_duration_secs', 'error_count',
            'is_beta_feature',
        ]) }} as row_hash
    from typed
),

-- One usage_id may stand on two rows that have nothing else in common: only id and content together identify a row.
keyed as (
    select
        *,
        usage_id || ':' || row_hash as usage_key,
        usage_id as raw_key
    from fingerprinted
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'usage_id', 'usage_id is null'),
            ('missing_required_value', 'usage_date', 'usage_date_text is null'),
            ('not_a_timestamp', 'usage_date', 'used_at is null'),
            ('implausible_date', 'usage_date', "used_at < '2000-01-01'"),
            ('missing_required_value', 'feature_name', 'feature_name is null'),
            ('missing_required_value', 'usage_count', 'usage_count_text is null'),
            ('not_a_number', 'usage_count', 'usage_count is null'),
            ('negative_amount', 'usage_count', 'usage_count < 0'),
            ('out_of_range', 'usage_count', 'usage_count = 0'),
        ]) }}
    from keyed
),

final as (
    {{ reject_and_deduplicate('checked', ['usage_key']) }}
)

select * from final
