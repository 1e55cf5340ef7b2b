with points as (
    select * from {{ ref('int_health_change_points') }}
),

rescored as (
    select * from {{ ref('int_health_change_rescored') }}
    where status = 'scored'
),

sets as (
    select * from {{ ref('int_health_change_sets') }}
),

weights as (
    select * from {{ ref('int_health_change_weights') }}
),

-- The points of each step beside the step they belong to: those of both days, or what was known before, scored anew.
step_points as (
    select
        account_id,
        snapshot_date,
        'common' as step,
        cast(null as {{ dbt.type_string() }}) as profile,
        component_number,
        points_before,
        points_after
    from points
    where points_before is not null and points_after is not null
    union all
    select
        account_id,
        snapshot_date,
        'rescored' as step,
        profile,
        component_number,
        points as points_before,
        points as points_after
    from rescored
),

final as (
    select
        sets.account_id,
        sets.snapshot_date,
        sets.step,
        sets.profile,
        max(weights.coverage) as coverage,
        cast(sum(weights.effective_weight * step_points.points_before) as decimal(5, 2)) as score_before,
        cast(sum(weights.effective_weight * step_points.points_after) as decimal(5, 2)) as score_after
    from step_points
    inner join sets
        on
            step_points.account_id = sets.account_id
            and step_points.snapshot_date = sets.snapshot_date
            and step_points.step = sets.step
            and (step_points.profile = sets.profile or step_points.profile is null)
    inner join weights
        on
            sets.snapshot_date = weights.snapshot_date
            and sets.profile = weights.profile
            and sets.scored_set = weights.scored_set
            and sets.applicable_set = weights.applicable_set
            and step_points.component_number = weights.component_number
    group by sets.account_id, sets.snapshot_date, sets.step, sets.profile
)

select * from final
