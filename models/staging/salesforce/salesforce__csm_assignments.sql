{{ config(enabled=system_is_on('salesforce'), materialized='view') }}

-- Salesforce knows one owner an account and no CSM: the owner counts as the CSM.
with versions as (
    select * from {{ ref('salesforce__account_versions') }}
),

compared as (
    select
        account_id,
        owner_user_id,
        valid_from,
        valid_to,
        case
            when owner_user_id = lag(owner_user_id) over (partition by account_id order by valid_from) then 0
            else 1
        end as is_new_owner
    from versions
),

runs as (
    select
        *,
        sum(is_new_owner) over (partition by account_id order by valid_from rows unbounded preceding) as run_number
    from compared
),

final as (
    select
        account_id,
        owner_user_id as csm_user_id,
        min(valid_from) as valid_from,
        case when count(*) = count(valid_to) then max(valid_to) end as valid_to
    from runs
    where owner_user_id is not null
    group by account_id, owner_user_id, run_number
)

select * from final
