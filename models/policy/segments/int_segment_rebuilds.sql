with rebuilds as (
    select * from {{ ref('int_rebuilds') }}
),

attributes as (
    select * from {{ ref('int_account_attributes') }}
),

children as (
    select distinct account_id from attributes
    where parent_account_id is not null
),

-- Where a scheme follows parents, what changed of any parent may change any child.
parents as (
    select min(rebuilds.rebuild_from) as rebuild_from
    from rebuilds
    inner join attributes
        on rebuilds.account_id = attributes.parent_account_id
    inner join {{ ref('segment_schemes') }} as schemes
        on schemes.follows_parent
),

dated as (
    select
        rebuilds.account_id,
        {{ worked_out_since('least(rebuilds.rebuild_from, coalesce(case when children.account_id is not null then parents.rebuild_from end, rebuilds.rebuild_from))') }} as rebuild_from
    from rebuilds
    cross join parents
    left join children
        on rebuilds.account_id = children.account_id
),

final as (
    {{ with_the_snapshot_before('dated') }}
)

select * from final
