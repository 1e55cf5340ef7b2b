{{ config(enabled=system_is_on('miaad'), materialized='view') }}

with accounts as (
    select * from {{ ref('stg_miaad__accounts') }}
    where rejected_reason is null
),

final as (
    select
        {{ source_key('miaad', 'account_id') }} as support_organization_id,
        'miaad' as source_system,
        account_id as account_reference,
        null as organization_name,
        null as domain,
        signed_up_at as created_at
    from accounts
)

select * from final
