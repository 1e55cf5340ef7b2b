{{ config(enabled=system_is_on('stripe')) }}

with source as (
    {{ raw_rows('stripe', 'invoice', optional=[
        'subscription_id', 'status', 'amount_paid', 'amount_remaining', 'total', 'tax', 'total_excluding_tax', 'due_date',
        'period_start', 'period_end', 'status_transitions_paid_at', 'status_transitions_voided_at', 'status_transitions_marked_uncollectible_at', 'is_deleted',
    ]) }}
),

currencies as (
    select distinct upper(currency) as currency
    from {{ ref('currency_rates') }}
),

typed as (
    select
        {{ to_text('id') }} as id,
        {{ to_text('customer_id') }} as customer_id,
        {{ to_text('subscription_id') }} as subscription_id,
        {{ to_text('status') }} as status,
        {{ to_text('currency') }} as currency,
        {{ to_decimal('amount_due') }} as amount_due,
        {{ to_text('amount_due') }} as amount_due_text,
        {{ to_decimal('amount_paid') }} as amount_paid,
        {{ to_decimal('amount_remaining') }} as amount_remaining,
        {{ to_decimal('total') }} as total,
        {{ to_decimal('tax') }} as tax,
        {{ to_decimal('total_excluding_tax') }} as total_excluding_tax,
        {{ to_timestamp_utc('created') }} as created,
        {{ to_text('created') }} as created_text,
        {{ to_timestamp_utc('due_date') }} as due_date,
        {{ to_timestamp_utc('period_start') }} as period_start,
        {{ to_timestamp_utc('period_end') }} as period_end,
        {{ to_timestamp_utc('status_transitions_paid_at') }} as status_transitions_paid_at,
        {{ to_text('status_transitions_paid_at') }} as status_transitions_paid_at_text,
        {{ to_timestamp_utc('status_transitions_voided_at') }} as status_transitions_voided_at,
        {{ to_timestamp_utc('status_transitions_marked_uncollectible_at') }} as status_transitions_marked_uncollectible_at,
        {{ to_boolean('is_deleted') }} as is_deleted,
        {{ to_text('id') }} as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash([
            'id', 'customer_id', 'subscription_id', 'status', 'currency', decimal_as_read('amount_due'), decimal_as_read('amount_paid'),
            decimal_as_read('amount_remaining'), decimal_as_read('total'), decimal_as_read('tax'), decimal_as_read('total_excluding_tax'),
            'created', 'due_date', 'period_start', 'period_end',
            'status_transitions_paid_at', 'status_transitions_voided_at', 'status_transitions_marked_uncollectible_at', 'is_deleted',
        ]) }} as row_hash
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
            ('missing_required_value', 'amount_due', 'amount_due_text is null'),
            ('not_a_number', 'amount_due', 'amount_due is null'),
            ('negative_amount', 'amount_due', 'amount_due < 0'),
            ('missing_required_value', 'created', 'created_text is null'),
            ('not_a_timestamp', 'created', 'created is null'),
            ('not_a_timestamp', 'status_transitions_paid_at', 'status_transitions_paid_at_text is not null and status_transitions_paid_at is null'),
            ('implausible_date', 'created', "created < '2000-01-01'"),
            ('deleted_in_source', 'is_deleted', 'is_deleted'),
        ]) }}
    from typed
    left join currencies
        on upper(typed.currency) = currencies.currency
),

final as (
    {{ reject_and_deduplicate('checked', ['id']) }}
)

select * from final
