{{ config(enabled=system_is_on('stripe')) }}

with source as (
    {{ raw_rows('stripe', 'subscription_item', optional=[
        'quantity', 'current_period_start', 'current_period_end', '_fivetran_start', '_fivetran_end',
        '_fivetran_active',
    ]) }}
),

subscriptions as (
    {{ parent_states(ref('stg_stripe__subscription_history'), 'id') }}
),

prices as (
    {{ parent_states(ref('stg_stripe__price'), 'id') }}
),

currencies as (
    select
        upper(currency) as currency,
        max(minor_unit_digits) as minor_unit_digits,
        greatest(max(rate_to_reporting), 1) as highest_rate
    from {{ ref('currency_rates') }}
    group by upper(currency)
),

-- About what a unit costs a month, in its own currency or in the reporting one, whichever has more digits.
unit_prices as (
    select
        prices_read.id as price_id,
        cast({{ minor_to_major('coalesce(prices_read.unit_amount_decimal, prices_read.unit_amount)', 'currencies.minor_unit_digits') }} as {{ type_double() }})
        * cast(currencies.highest_rate as {{ type_double() }})
        * case lower(prices_read.recurring_interval) when 'day' then 365 when 'week' then 52 when 'quarter' then 4 when 'year' then 1 else 12 end
        / (12 * coalesce(prices_read.recurring_interval_count, 1)) as monthly_price
    from {{ ref('stg_stripe__price') }} as prices_read
    inner join currencies
        on upper(prices_read.currency) = currencies.currency
    where prices_read.rejected_reason is null
),

typed as (
    select
        {{ to_text('id') }} as id,
        {{ to_text('subscription_id') }} as subscription_id,
        {{ to_text('plan_id') }} as plan_id,
        {{ to_integer('quantity') }} as quantity,
        {{ to_text('quantity') }} as quantity_text,
        {{ to_timestamp_utc('created') }} as created,
        {{ to_text('created') }} as created_text,
        {{ to_timestamp_utc('current_period_start') }} as current_period_start,
        {{ to_timestamp_utc('current_period_end') }} as current_period_end,
        {{ to_timestamp_utc('_fivetran_start') }} as _fivetran_start,
        {{ to_text('_fivetran_start') }} as _fivetran_start_text,
        {{ to_timestamp_utc('_fivetran_end') }} as _fivetran_end,
        {{ to_text('_fivetran_end') }} as _fivetran_end_text,
        {{ to_boolean('_fivetran_active') }} as _fivetran_active,
        {{ to_text('id') }} || coalesce('|' || {{ to_text('_fivetran_start') }}, '') as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash([
            'id', 'subscription_id', 'plan_id', 'quantity', 'created', 'current_period_start',
            'current_period_end', '_fivetran_start', '_fivetran_end', '_fivetran_active',
        ]) }} as row_hash
    from source
),

checked as (
    select
        typed.*,
        {{ first_rejection([
            ('missing_key', 'id', 'id is null'),
            ('missing_required_value', 'subscription_id', 'subscription_id is null'),
            ('missing_required_value', 'plan_id', 'plan_id is null'),
            ('not_a_timestamp', 'created', 'created_text is not null and created is null'),
            ('not_a_timestamp', '_fivetran_start', '_fivetran_start_text is not null and _fivetran_start is null'),
            ('not_a_timestamp', '_fivetran_end', '_fivetran_end_text is not null and _fivetran_end is null'),
            ('missing_required_value', 'created', 'coalesce(created, _fivetran_start) is null'),
            ('implausible_date', 'created', "coalesce(created, _fivetran_start) < '2000-01-01'"),
            ('not_a_number', 'quantity', 'quantity_text is not null and quantity is null'),
            ('negative_amount', 'quantity', 'quantity < 0'),
            ('ends_before_it_starts', '_fivetran_end', '_fivetran_end < _fivetran_start'),
            ('orphan', 'subscription_id', 'subscriptions.parent_key is null'),
            ('orphan', 'plan_id', 'prices.parent_key is null'),
            ('out_of_range', 'quantity', 'coalesce(quantity, 1) * unit_prices.monthly_price >= 1e11'),
        ]) }}
    from typed
    left join subscriptions
        on typed.subscription_id = subscriptions.parent_key
    left join prices
        on typed.plan_id = prices.parent_key
    -- A date that was typed for a quantity: more than amounts of money can hold, so that one row would stop the build.
    left join unit_prices
        on typed.plan_id = unit_prices.price_id
),

final as (
    {{ reject_and_deduplicate('checked', ['id', '_fivetran_start']) }}
)

select * from final
