with points as (
    select * from {{ ref('int_health_change_points') }}
    where points_before <> points_after
),

sets as (
    select * from {{ ref('int_health_change_sets') }}
    where step = 'common'
),

weights as (
    select * from {{ ref('int_health_change_weights') }}
),

steps as (
    select * from {{ ref('int_health_change_steps') }}
    where change_of_data is not null
),

moved as (
    select
        points.*,
        weights.effective_weight,
        steps.change_of_data,
        cast(weights.effective_weight * (points.points_after - points.points_before) as decimal(5, 2)) as part
    from points
    inner join steps
        on points.account_id = steps.account_id and points.snapshot_date = steps.snapshot_date
    inner join sets
        on points.account_id = sets.account_id and points.snapshot_date = sets.snapshot_date
    inner join weights
        on
            sets.snapshot_date = weights.snapshot_date
            and sets.profile = weights.profile
            and sets.scored_set = weights.scored_set
            and sets.applicable_set = weights.applicable_set
            and points.component_number = weights.component_number
),

-- Each part is rounded; what rounding leaves over goes to the largest, of equals to the first component.
ranked as (
    select
        *,
        sum(part) over (partition by account_id, snapshot_date) as parts,
        row_number() over (partition by account_id, snapshot_date order by abs(part) desc, component_number) as part_order
    from moved
),

final as (
    select
        account_id,
        snapshot_date,
        component,
        value_before,
        value_after,
        points_before,
        points_after,
        effective_weight,
        cast(part + case when part_order = 1 then change_of_data - parts else 0 end as decimal(5, 2)) as change_part
    from ranked
)

select * from final
