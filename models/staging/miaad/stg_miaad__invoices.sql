{{ config(enabled=system_is_on('miaad')) }}

with source as (
    {{ raw_rows('miaad', 'invoices', optional=['payment_status']) }}
),

typed as (
    select
        {{ to_text('invoice_id') }} as raw_key,
        {{ to_text('invoice_id') }} as invoice_id,
        {{ to_text('account_id') }} as account_id,
        {{ to_text('invoice_date') }} as invoice_date_text,
        {{ local_to_utc(to_timestamp_utc('invoice_date')) }} as invoiced_at,
        {{ to_text('amount') }} as amount_text,
        {{ to_decimal('amount') }} as amount,
        lower({{ to_text('payment_status') }}) as payment_status,
        cast(null as {{ dbt.type_timestamp() }}) as loaded_at,
        {{ row_hash(['invoice_id', 'account_id', 'invoice_date', 'amount', 'payment_status']) }} as row_hash
    from source
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'invoice_id', 'invoice_id is null'),
            ('missing_required_value', 'account_id', 'account_id is null'),
            ('missing_required_value', 'invoice_date', 'invoice_date_text is null'),
            ('not_a_timestamp', 'invoice_date', 'invoiced_at is null'),
            ('implausible_date', 'invoice_date', "invoiced_at < '2000-01-01'"),
            ('missing_required_value', 'amount', 'amount_text is null'),
            ('not_a_number', 'amount', 'amount is null'),
            ('negative_amount', 'amount', 'amount < 0'),
            ('out_of_range', 'amount', 'amount >= 1e11'),
        ]) }}
    from typed
),

final as (
    {{ reject_and_deduplicate('checked', ['invoice_id']) }}
)

select * from final
