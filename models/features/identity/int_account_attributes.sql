with versions as (
    select * from {{ ref('account_versions') }}
),

observed as (
    select * from {{ ref('observed_accounts') }}
),

lives as (
    select * from {{ ref('int_account_lives') }}
),

-- Where the source keeps history itself, that is taken; and for an account that nobody has looked at yet.
with_history as (
    select account_id from versions
    group by account_id
    having count(*) > 1
),

windows as (
    {{ observed_windows('observed', 'account_id', [
        'account_name', 'domain', 'parent_account_id', 'owner_user_id', 'industry', 'country', 'employees',
    ]) }}
),

seen as (
    select windows.*
    from windows
    left join with_history
        on windows.account_id = with_history.account_id
    where with_history.account_id is null
),

seen_accounts as (
    select distinct account_id from seen
),

-- Days instead of moments: of the versions of one day the last one stands for it.
said as (
    select
        versions.account_id,
        {{ local_date('versions.valid_from') }} as valid_from,
        {{ local_date('versions.valid_to') }} as valid_to,
        versions.account_name,
        versions.domain,
        versions.parent_account_id,
        versions.owner_user_id,
        versions.industry,
        versions.country,
        versions.employees
    from versions
    left join seen_accounts
        on versions.account_id = seen_accounts.account_id
    where seen_accounts.account_id is null
    union all
    select
        seen.account_id,
        greatest(coalesce(seen.valid_from, lives.born_on), lives.born_on) as valid_from,
        seen.valid_to,
        seen.account_name,
        seen.domain,
        seen.parent_account_id,
        seen.owner_user_id,
        seen.industry,
        seen.country,
        seen.employees
    from seen
    inner join lives
        on seen.account_id = lives.account_id
),

final as (
    select said.*
    from said
    inner join lives
        on said.account_id = lives.account_id
    where
        (said.valid_to is null or said.valid_from < said.valid_to)
        and (lives.died_on is null or said.valid_from < lives.died_on)
)

select * from final
