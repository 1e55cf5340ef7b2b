with pairs as (
    select * from {{ ref('int_health_change_pairs') }}
    where is_comparable
),

points as (
    select * from {{ ref('int_health_points') }}
),

-- Under a second name: DuckDB stores a CTE that is used twice, and this is one of the largest tables.
points_of_all_days as (
    select * from {{ ref('int_health_points') }}
),

rescored as (
    select * from {{ ref('int_health_change_rescored') }}
),

-- The day before under the configuration of the day: as it was scored, or anew where the configuration changed.
before as (
    select
        points_of_all_days.account_id,
        pairs.snapshot_date,
        points_of_all_days.component_number,
        points_of_all_days.status,
        points_of_all_days.raw_value,
        points_of_all_days.points
    from points_of_all_days
    inner join pairs
        on
            points_of_all_days.account_id = pairs.account_id
            and points_of_all_days.snapshot_date = pairs.compared_with
            and not pairs.has_new_policy
            and not pairs.has_new_profile
    union all
    select
        rescored.account_id,
        rescored.snapshot_date,
        rescored.component_number,
        rescored.status,
        rescored.raw_value,
        rescored.points
    from rescored
    inner join pairs
        on
            rescored.account_id = pairs.account_id
            and rescored.snapshot_date = pairs.snapshot_date
            and rescored.profile = pairs.profile
),

-- One configuration weighs the same components on both days.
final as (
    select
        points.account_id,
        points.snapshot_date,
        points.component,
        points.component_number,
        points.component_bit,
        before.status as status_before,
        points.status as status_after,
        before.raw_value as value_before,
        points.raw_value as value_after,
        before.points as points_before,
        points.points as points_after
    from points
    inner join pairs
        on points.account_id = pairs.account_id and points.snapshot_date = pairs.snapshot_date
    left join before
        on
            points.account_id = before.account_id
            and points.snapshot_date = before.snapshot_date
            and points.component_number = before.component_number
)

select * from final
