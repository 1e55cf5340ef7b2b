with pairs as (
    select * from {{ ref('int_health_change_pairs') }}
),

points as (
    select * from {{ ref('int_health_change_points') }}
),

rescored as (
    select * from {{ ref('int_health_change_rescored') }}
),

-- What is scored on both days, so that a change of data is weighed alike before and after.
common as (
    select
        account_id,
        snapshot_date,
        bit_or(case when points_before is not null and points_after is not null then component_bit else 0 end) as scored_set
    from points
    group by account_id, snapshot_date
),

reconfigured as (
    select
        account_id,
        snapshot_date,
        profile,
        bit_or(case when status = 'scored' then component_bit else 0 end) as scored_set,
        bit_or(case when status <> 'not_applicable' then component_bit else 0 end) as applicable_set
    from rescored
    group by account_id, snapshot_date, profile
),

final as (
    select
        common.account_id,
        common.snapshot_date,
        'common' as step,
        pairs.profile,
        common.scored_set,
        common.scored_set as applicable_set
    from common
    inner join pairs
        on common.account_id = pairs.account_id and common.snapshot_date = pairs.snapshot_date
    union all
    select
        account_id,
        snapshot_date,
        'rescored' as step,
        profile,
        scored_set,
        applicable_set
    from reconfigured
)

select * from final
