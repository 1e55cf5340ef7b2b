{{ config(enabled=system_is_on('stripe'), materialized='view') }}

with invoices as (
    select
        *,
        coalesce(total_excluding_tax, total - tax) as total_without_tax
    from {{ ref('stg_stripe__invoice') }}
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
        {{ source_key('stripe', 'invoices.id') }} as invoice_id,
        'stripe' as source_system,
        {{ source_key('stripe', 'invoices.customer_id') }} as customer_id,
        {{ source_key('stripe', 'invoices.subscription_id') }} as subscription_id,
        currencies.currency,
        {{ minor_to_major('invoices.amount_due', 'currencies.minor_unit_digits') }} as amount_due,
        -- A total below zero is handed on to the next bill; this one comes to nothing.
        {{ minor_to_major(
            'case when invoices.total_without_tax < 0 then 0 else invoices.total_without_tax end', 'currencies.minor_unit_digits'
        ) }} as amount_without_tax,
        invoices.created as issued_at,
        invoices.due_date as due_at,
        -- Older connectors do not say when a paid invoice was paid: then on issue.
        coalesce(invoices.status_transitions_paid_at, case when invoices.status = 'paid' then invoices.created end) as paid_at,
        -- Where a void invoice does not say when it was voided: as if it had never been.
        coalesce(invoices.status_transitions_voided_at, case when invoices.status = 'void' then invoices.created end) as voided_at,
        invoices.status_transitions_marked_uncollectible_at as given_up_at
    from invoices
    inner join currencies
        on upper(invoices.currency) = currencies.currency
    where coalesce(invoices.status, 'open') not in ('draft', 'deleted')
)

select * from final
