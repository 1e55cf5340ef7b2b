{{ config(enabled=system_is_on('miaad'), materialized='view') }}

with invoices as (
    select * from {{ ref('stg_miaad__invoices') }}
    where rejected_reason is null
),

-- An invoice without a status tells of no attempt to pay.
attempted as (
    select * from invoices
    where payment_status is not null
),

final as (
    select
        {{ source_key('miaad', 'invoice_id') }} as payment_id,
        'miaad' as source_system,
        {{ source_key('miaad', 'account_id') }} as customer_id,
        {{ source_key('miaad', 'invoice_id') }} as invoice_id,
        'USD' as currency,
        amount,
        invoiced_at as attempted_at,
        case when payment_status = 'paid' then true else false end as is_successful,
        null as is_pending
    from attempted
)

select * from final
