{{ config(enabled=system_is_on('stripe')) }}

with source as (
    {{ raw_rows('stripe', 'price', optional=[
        'product_id', 'unit_amount', 'unit_amount_decimal', 'recurring_interval',
        'recurring_interval_count', 'recurring_usage_type', 'type', 'billing_scheme', 'nickname', 'active',
        'is_deleted', 'created',
    ]) }}
),

currencies as (
    select distinct upper(currency) as currency
    from {{ ref('currency_rates') }}
),

typed as (
    select
        {{ to_text('id') }} as id,
        {{ to_text('product_id') }} as product_id,
        {{ to_text('currency') }} as currency,
        {{ to_decimal('unit_amount') }} as unit_amount,
        {{ to_text('unit_amount') }} as unit_amount_text,
        {{ to_decimal('unit_amount_decimal') }} as unit_amount_decimal,
        {{ to_text('unit_amount_decimal') }} as unit_amount_decimal_text,
        {{ to_text('recurring_interval') }} as recurring_interval,
        {{ to_integer('recurring_interval_count') }} as recurring_interval_count,
        {{ to_text('recurring_usage_type') }} as recurring_usage_type,
        {{ to_text('type') }} as type,
        {{ to_text('billing_scheme') }} as billing_scheme,
        {{ to_text('nickname') }} as nickname,
        {{ to_boolean('active') }} as active,
        {{ to_boolean('is_deleted') }} as is_deleted,
        {{ to_timestamp_utc('created') }} as created,
        {{ to_text('id') }} as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash([
            'id', 'product_id', 'currency', decimal_as_read('unit_amount'), decimal_as_read('unit_amount_decimal'), 'recurring_interval',
            'recurring_interval_count', 'recurring_usage_type', 'type', 'billing_scheme', 'nickname', 'active',
            'is_deleted', 'created',
        ]) }} as row_hash
    from source
),

checked as (
    select
        typed.*,
        {{ first_rejection([
            ('missing_key', 'id', 'id is null'),
            ('missing_required_value', 'currency', 'typed.currency is null'),
            ('unknown_currency', 'currency', 'currencies.currency is null'),
            ('missing_required_value', 'unit_amount', 'unit_amount_text is null and unit_amount_decimal_text is null'),
            ('not_a_number', 'unit_amount', 'coalesce(unit_amount_decimal, unit_amount) is null'),
            ('negative_amount', 'unit_amount', 'coalesce(unit_amount_decimal, unit_amount) < 0'),
            ('unknown_interval', 'recurring_interval', "coalesce(type, 'recurring') <> 'one_time' and coalesce(lower(recurring_interval), '') not in ('day', 'week', 'month', 'quarter', 'year')"),
            ('out_of_range', 'recurring_interval_count', 'recurring_interval_count < 1'),
        ]) }}
    from typed
    left join currencies
        on upper(typed.currency) = currencies.currency
),

final as (
    {{ reject_and_deduplicate('checked', ['id']) }}
)

select * from final
