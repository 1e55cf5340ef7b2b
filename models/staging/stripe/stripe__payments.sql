{{ config(enabled=system_is_on('stripe'), materialized='view') }}

with charges as (
    select * from {{ ref('stg_stripe__charge') }}
    where rejected_reason is null
),

currencies as (
    select
        upper(currency) as currency,
        max(minor_unit_digits) as minor_unit_digits
    from {{ ref('currency_rates') }}
    group by upper(currency)
),

final as (
    select
        {{ source_key('stripe', 'charges.id') }} as payment_id,
        'stripe' as source_system,
        {{ source_key('stripe', 'charges.customer_id') }} as customer_id,
        {{ source_key('stripe', 'charges.invoice_id') }} as invoice_id,
        currencies.currency,
        {{ minor_to_major('charges.amount', 'currencies.minor_unit_digits') }} as amount,
        charges.created as attempted_at,
        coalesce(charges.status = 'succeeded', charges.paid, false) as is_successful,
        coalesce(charges.status = 'pending', false) as is_pending
    from charges
    inner join currencies
        on upper(charges.currency) = currencies.currency
)

select * from final
