{{ config(enabled=system_is_on('miaad'), materialized='view') }}

with accounts as (
    select * from {{ ref('stg_miaad__accounts') }}
    where rejected_reason is null
),

final as (
    select
        {{ source_key('miaad', 'account_id') }} as account_id,
        'miaad' as source_system,
        account_id as source_account_id,
        null as account_number,
        null as merged_into_account_id,
        signed_up_at as created_at,
        null as deleted_at
    from accounts
)

select * from final
