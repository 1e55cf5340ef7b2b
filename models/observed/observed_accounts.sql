with versions as (
    select * from {{ ref('account_versions') }}
),

accounts as (
    select * from {{ ref('accounts') }}
),

rows_now as (
    select
        versions.*,
        accounts.created_at
    from versions
    inner join accounts
        on versions.account_id = accounts.account_id
    where versions.valid_to is null
),

{{ observed('rows_now', 'account_id', [
    'account_name', 'domain', 'parent_account_id', 'owner_user_id', 'industry', 'country', 'employees',
]) }}

select * from final
