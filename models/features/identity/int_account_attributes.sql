with versions as (
    select * from {{ ref('account_versions') }}
),

lives as (
    select * from {{ ref('int_account_lives') }}
),

-- Days instead of moments: of the versions of one day the last one stands for it.
dated as (
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
),

final as (
    select dated.*
    from dated
    inner join lives
        on dated.account_id = lives.account_id
    where
        (dated.valid_to is null or dated.valid_from < dated.valid_to)
        and (lives.died_on is null or dated.valid_from < lives.died_on)
)

select * from final
