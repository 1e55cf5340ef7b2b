with pairs as (
    select * from {{ ref('int_health_change_pairs') }}
    where is_comparable
),

points as (
    select * from {{ ref('int_health_points') }}
),

rescored as (
    select * from {{ ref('int_health_change_rescored') }}
),

-- Both days under the configuration of the day: the day before as it was scored, or anew where the configuration changed.
sides as (
    select
        points.account_id,
        points.snapshot_date,
        points.component,
        points.component_number,
        points.component_bit,
        points.status,
        points.raw_value,
        points.points,
        1 as is_after
    from points
    inner join pairs
        on points.account_id = pairs.account_id and points.snapshot_date = pairs.snapshot_date
    union all
    select
        points.account_id,
        pairs.snapshot_date,
        points.component,
        points.component_number,
        points.component_bit,
        points.status,
        points.raw_value,
        points.points,
        0 as is_after
    from points
    inner join pairs
        on
            points.account_id = pairs.account_id
            and points.snapshot_date = pairs.compared_with
            and not pairs.has_new_policy
            and not pairs.has_new_profile
    union all
    select
        rescored.account_id,
        rescored.snapshot_date,
        rescored.component,
        rescored.component_number,
        rescored.component_bit,
        rescored.status,
        rescored.raw_value,
        rescored.points,
        0 as is_after
    from rescored
    inner join pairs
        on
            rescored.account_id = pairs.account_id
            and rescored.snapshot_date = pairs.snapshot_date
            and rescored.profile = pairs.profile
),

final as (
    select
        account_id,
        snapshot_date,
        component,
        component_number,
        component_bit,
        max(case when is_after = 0 then status end) as status_before,
        max(case when is_after = 1 then status end) as status_after,
        max(case when is_after = 0 then raw_value end) as value_before,
        max(case when is_after = 1 then raw_value end) as value_after,
        max(case when is_after = 0 then points end) as points_before,
        max(case when is_after = 1 then points end) as points_after
    from sides
    group by account_id, snapshot_date, component, component_number, component_bit
)

select * from final
