{{ config(enabled=system_is_on('stripe')) }}

with source as (
    {{ raw_rows('stripe', 'coupon', optional=[
        'percent_off', 'amount_off', 'currency', 'duration_in_months', 'valid', 'created',
    ]) }}
),

currencies as (
    select distinct upper(currency) as currency
    from {{ ref('currency_rates') }}
),

typed as (
    select
        {{ to_text('id') }} as id,
        {{ to_decimal('percent_off') }} as percent_off,
        {{ to_text('percent_off') }} as percent_off_text,
        {{ to_decimal('amount_off') }} as amount_off,
        {{ to_text('amount_off') }} as amount_off_text,
        {{ to_text('currency') }} as currency,
        {{ to_text('duration') }} as duration,
        {{ to_integer('duration_in_months') }} as duration_in_months,
        {{ to_boolean('valid') }} as valid,
        {{ to_timestamp_utc('created') }} as created,
        {{ to_text('id') }} as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash(['id', decimal_as_read('percent_off'), decimal_as_read('amount_off'), 'currency', 'duration', 'duration_in_months', 'valid', 'created']) }} as row_hash
    from source
),

checked as (
    select
        typed.*,
        {{ first_rejection([
            ('missing_key', 'id', 'id is null'),
            ('not_a_number', 'percent_off', 'percent_off_text is not null and percent_off is null'),
            ('not_a_number', 'amount_off', 'amount_off_text is not null and amount_off is null'),
            ('missing_required_value', 'percent_off', 'coalesce(percent_off, amount_off) is null'),
            ('out_of_range', 'percent_off', 'percent_off < 0 or percent_off > 100'),
            ('negative_amount', 'amount_off', 'amount_off < 0'),
            ('unknown_currency', 'currency', 'amount_off is not null and currencies.currency is null'),
        ]) }}
    from typed
    left join currencies
        on upper(typed.currency) = currencies.currency
),

final as (
    {{ reject_and_deduplicate('checked', ['id']) }}
)

select * from final
