{{ config(enabled=system_is_on('miaad'), materialized='view') }}

with accounts as (
    select * from {{ ref('stg_miaad__accounts') }}
    where rejected_reason is null
),

final as (
    select
        {{ source_key('miaad', 'account_id') }} as account_id,
        signed_up_at as valid_from,
        null as valid_to,
        null as account_name,
        null as domain,
        null as parent_account_id,
        null as owner_user_id,
        industry,
        country,
        -- The file gives a band (6-20, 201+): its lower end, the only number of employees that is certain.
        {{ to_integer(dbt.split_part("replace(company_size, '+', '')", "'-'", 1)) }} as employees
    from accounts
)

select * from final
