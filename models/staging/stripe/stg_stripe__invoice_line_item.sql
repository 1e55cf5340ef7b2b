{{ config(enabled=system_is_on('stripe')) }}

with source as (
    {{ raw_rows('stripe', 'invoice_line_item', optional=[
        'subscription_id', 'subscription_item_id', 'price_id', 'currency', 'quantity', 'period_start',
        'period_end', 'proration', 'type',
    ]) }}
),

invoices as (
    {{ parent_states(ref('stg_stripe__invoice'), 'id') }}
),

typed as (
    select
        {{ to_text('id') }} as id,
        {{ to_text('invoice_id') }} as invoice_id,
        {{ to_text('subscription_id') }} as subscription_id,
        {{ to_text('subscription_item_id') }} as subscription_item_id,
        {{ to_text('price_id') }} as price_id,
        {{ to_decimal('amount') }} as amount,
        {{ to_text('amount') }} as amount_text,
        {{ to_text('currency') }} as currency,
        {{ to_integer('quantity') }} as quantity,
        {{ to_timestamp_utc('period_start') }} as period_start,
        {{ to_timestamp_utc('period_end') }} as period_end,
        {{ to_boolean('proration') }} as proration,
        {{ to_text('type') }} as type,
        {{ to_text('id') }} as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash([
            'id', 'invoice_id', 'subscription_id', 'subscription_item_id', 'price_id', decimal_as_read('amount'), 'currency',
            'quantity', 'period_start', 'period_end', 'proration', 'type',
        ]) }} as row_hash
    from source
),

checked as (
    select
        typed.*,
        {{ first_rejection([
            ('missing_key', 'id', 'id is null'),
            ('missing_required_value', 'invoice_id', 'invoice_id is null'),
            ('missing_required_value', 'amount', 'amount_text is null'),
            ('not_a_number', 'amount', 'amount is null'),
            ('orphan', 'invoice_id', 'invoices.parent_key is null'),
            ('deleted_in_source', 'invoice_id', 'invoices.is_accepted = 0'),
        ]) }}
    from typed
    left join invoices
        on typed.invoice_id = invoices.parent_key
),

final as (
    {{ reject_and_deduplicate('checked', ['id', 'invoice_id']) }}
)

select * from final
