{{
    config(
        materialized='incremental',
        incremental_strategy='rebuilds',
        unique_key=['account_id', 'component', 'snapshot_date'],
        on_schema_change='append_new_columns',
        partition_by=snapshot_partition()
    )
}}

with points as (
    select * from {{ ref('int_health_points') }}
),

weights as (
    select * from {{ ref('int_health_weights') }}
),

results as (
    select * from {{ ref('int_health_results') }}
),

versions as (
    select * from {{ ref('policy_versions') }}
),

-- Each contribution is rounded; what rounding leaves over goes to the largest, so that the parts sum to the score exactly.
final as (
    select
        points.account_id,
        points.snapshot_date,
        points.component,
        points.component_group,
        points.profile,
        points.raw_value,
        points.status,
        points.points,
        cast(weights.policy_weight * 0.01 as decimal(9, 4)) as policy_weight,
        cast(weights.effective_weight as decimal(10, 9)) as weight,
        cast(case
            when results.computed_score is not null and points.status = 'scored'
                then
                    {{ contribution('weights.effective_weight', 'points.points') }}
                    + case when points.component_number = results.leftover_component then results.left_over else 0 end
        end as decimal(5, 2)) as contribution,
        versions.policy_version
    from points
    inner join results
        on points.account_id = results.account_id and points.snapshot_date = results.snapshot_date
    inner join weights
        on
            results.snapshot_date = weights.snapshot_date
            and results.profile = weights.profile
            and results.scored_set = weights.scored_set
            and results.applicable_set = weights.applicable_set
            and points.component_number = weights.component_number
    left join versions
        on {{ holds_on('versions', 'points.snapshot_date') }}
)

select * from final
