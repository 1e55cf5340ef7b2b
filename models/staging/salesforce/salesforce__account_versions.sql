{{ config(enabled=system_is_on('salesforce'), materialized='view') }}

with accounts as (
    select * from {{ ref('salesforce__accounts') }}
),

history as (
    select * from {{ ref('stg_salesforce__account_history') }}
    where rejected_reason is null
),

current_rows as (
    select * from {{ ref('stg_salesforce__account') }}
    where rejected_reason is null
),

-- History says what held when; the account's own row speaks only where there is no history.
states as (
    select
        id,
        _fivetran_start as held_from,
        name,
        website,
        parent_id,
        owner_id,
        industry,
        billing_country,
        number_of_employees
    from history
    union all
    select
        current_rows.id,
        null as held_from,
        current_rows.name,
        current_rows.website,
        current_rows.parent_id,
        current_rows.owner_id,
        current_rows.industry,
        current_rows.billing_country,
        current_rows.number_of_employees
    from current_rows
    left join history
        on current_rows.id = history.id
    where history.id is null
),

numbered as (
    select
        accounts.account_id,
        accounts.created_at,
        states.*,
        row_number() over (partition by accounts.account_id order by states.held_from) as version_number
    from states
    inner join accounts
        on states.id = accounts.source_account_id
),

-- The first version holds from the day the account was created; none holds from earlier.
started as (
    select
        *,
        case
            when version_number = 1 or held_from < created_at then created_at
            else held_from
        end as valid_from
    from numbered
),

ranked as (
    select
        *,
        row_number() over (partition by account_id, valid_from order by version_number desc) as rank_at_start
    from started
),

-- Each version ends where the next one starts, whatever the source says: no gaps, no overlaps.
windows as (
    select
        *,
        lead(valid_from) over (partition by account_id order by valid_from) as valid_to
    from ranked
    where rank_at_start = 1
),

final as (
    select
        windows.account_id,
        windows.valid_from,
        windows.valid_to,
        windows.name as account_name,
        {{ domain_of_url('windows.website') }} as domain,
        parents.account_id as parent_account_id,
        {{ source_key('salesforce', 'windows.owner_id') }} as owner_user_id,
        windows.industry,
        windows.billing_country as country,
        windows.number_of_employees as employees
    from windows
    left join accounts as parents
        on windows.parent_id = parents.source_account_id and windows.parent_id <> windows.id
)

select * from final
