{{ config(enabled=system_is_on('miaad'), materialized='view') }}

with invoices as (
    select * from {{ ref('stg_miaad__invoices') }}
    where rejected_reason is null
),

final as (
    select
        {{ source_key('miaad', 'invoice_id') }} as invoice_id,
        'miaad' as source_system,
        {{ source_key('miaad', 'account_id') }} as customer_id,
        null as subscription_id,
        'USD' as currency,
        amount as amount_due,
        null as amount_without_tax,
        invoiced_at as issued_at,
        null as due_at,
        -- The file says that it was paid, not when: taken as charged on the day of issue.
        case when payment_status = 'paid' then invoiced_at end as paid_at,
        null as voided_at,
        null as given_up_at
    from invoices
)

select * from final
