with snapshots as (
    select * from {{ ref('int_snapshots') }}
),

lives as (
    select * from {{ ref('int_account_lives') }}
),

attributes as (
    select * from {{ ref('int_account_attributes') }}
),

brands as (
    select * from {{ ref('brands') }}
),

rebuilds as (
    select * from {{ ref('int_rebuilds') }}
),

final as (
    select
        lives.account_id,
        snapshots.snapshot_date,
        snapshots.is_current,
        lives.source_system,
        lives.born_on,
        lives.died_on,
        {{ days_between('lives.born_on', 'snapshots.snapshot_date') }} as account_age_days,
        attributes.account_name,
        attributes.parent_account_id,
        attributes.owner_user_id,
        attributes.industry,
        attributes.country,
        attributes.employees,
        brands.brand,
        case when brands.brand is null then 0 else 1 end as is_brand,
        case when attributes.parent_account_id is null then 0 else 1 end as has_parent
    from lives
    inner join snapshots
        on {{ holds_on('lives', 'snapshots.snapshot_date', 'born_on', 'died_on') }}
    inner join rebuilds
        on
            lives.account_id = rebuilds.account_id
            and snapshots.snapshot_date >= rebuilds.read_from
    left join attributes
        on
            lives.account_id = attributes.account_id
            and {{ holds_on('attributes', 'snapshots.snapshot_date') }}
    left join brands
        on
            attributes.domain = brands.domain
            and {{ holds_on('brands', 'snapshots.snapshot_date') }}
)

select * from final
