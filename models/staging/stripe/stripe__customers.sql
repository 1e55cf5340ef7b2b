{{ config(enabled=system_is_on('stripe'), materialized='view') }}

-- Deleted customers stay: what they paid remains history.
with customers as (
    select * from {{ ref('stg_stripe__customer') }}
    where rejected_reason is null
),

final as (
    select
        {{ source_key('stripe', 'id') }} as customer_id,
        'stripe' as source_system,
        coalesce(
            {{ json_text('metadata', 'salesforce_account_id') }},
            {{ json_text('metadata', 'account_id') }},
            {{ json_text('metadata', 'external_id') }}
        ) as account_reference,
        name as customer_name,
        {{ domain_of_email('email') }} as domain,
        created as created_at
    from customers
)

select * from final
