{{ config(enabled=system_is_on('stripe')) }}

with source as (
    {{ raw_rows('stripe', 'charge', optional=['invoice_id', 'status', 'paid', 'failure_code']) }}
),

currencies as (
    select distinct upper(currency) as currency
    from {{ ref('currency_rates') }}
),

typed as (
    select
        {{ to_text('id') }} as id,
        {{ to_text('customer_id') }} as customer_id,
        {{ to_text('invoice_id') }} as invoice_id,
        {{ to_decimal('amount') }} as amount,
        {{ to_text('amount') }} as amount_text,
        {{ to_text('currency') }} as currency,
        {{ to_text('status') }} as status,
        {{ to_boolean('paid') }} as paid,
        {{ to_text('failure_code') }} as failure_code,
        {{ to_timestamp_utc('created') }} as created,
        {{ to_text('created') }} as created_text,
        {{ to_text('id') }} as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash(['id', 'customer_id', 'invoice_id', decimal_as_read('amount'), 'currency', 'status', 'paid', 'failure_code', 'created']) }} as row_hash
    from source
),

checked as (
    select
        typed.*,
        {{ first_rejection([
            ('missing_key', 'id', 'id is null'),
            ('missing_required_value', 'customer_id', 'customer_id is null'),
            ('missing_required_value', 'currency', 'typed.currency is null'),
            ('unknown_currency', 'currency', 'currencies.currency is null'),
            ('missing_required_value', 'amount', 'amount_text is null'),
            ('not_a_number', 'amount', 'amount is null'),
            ('negative_amount', 'amount', 'amount < 0'),
            ('missing_required_value', 'created', 'created_text is null'),
            ('not_a_timestamp', 'created', 'created is null'),
            ('implausible_date', 'created', "created < '2000-01-01'"),
        ]) }}
    from typed
    left join currencies
        on upper(typed.currency) = currencies.currency
),

final as (
    {{ reject_and_deduplicate('checked', ['id']) }}
)

select * from final
