{{ config(enabled=system_is_on('ravenstack'), materialized='view') }}

with accounts as (
    select * from {{ ref('stg_ravenstack__accounts') }}
    where rejected_reason is null
),

final as (
    select
        {{ source_key('ravenstack', 'account_id') }} as account_id,
        signed_up_at as valid_from,
        null as valid_to,
        account_name,
        null as domain,
        null as parent_account_id,
        null as owner_user_id,
        industry,
        country,
        null as employees
    from accounts
)

select * from final
