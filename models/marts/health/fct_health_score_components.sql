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

-- A hard rule that moved the score is a part like the components, so that all parts sum to it.
limits as (
    select
        *,
        'limit:' || score_limit as component
    from {{ ref('int_health_results') }}
    where score_limit is not null
),

-- Joined from the left and with a default, so that the joins stay in this order: an engine that may choose pairs results with the weights of all components first. Who has no
-- result meets no weights.
-- Each contribution is rounded; what rounding leaves over goes to the largest, so that the parts sum to the score exactly.
components as (
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
        points.percentile,
        points.peers,
        points.peer_segment
    from points
    left join results
        on points.account_id = results.account_id and points.snapshot_date = results.snapshot_date
    inner join weights
        on
            points.snapshot_date = weights.snapshot_date
            and coalesce(results.profile, '') = weights.profile
            and coalesce(results.scored_set, -1) = weights.scored_set
            and coalesce(results.applicable_set, -1) = weights.applicable_set
            and points.component_number = weights.component_number
),

parts as (
    select * from components
    union all
    select
        account_id,
        snapshot_date,
        component,
        'limit' as component_group,
        profile,
        cast(limit_value as decimal(18, 4)) as raw_value,
        'limit' as status,
        cast(limit_score as decimal(7, 4)) as points,
        cast(0 as decimal(9, 4)) as policy_weight,
        cast(null as decimal(10, 9)) as weight,
        limit_part as contribution,
        cast(null as decimal(7, 4)) as percentile,
        cast(null as integer) as peers,
        cast(null as {{ dbt.type_string() }}) as peer_segment
    from limits
),

final as (
    select
        parts.account_id,
        parts.snapshot_date,
        parts.component,
        parts.component_group,
        parts.profile,
        parts.raw_value,
        parts.status,
        parts.points,
        parts.policy_weight,
        parts.weight,
        parts.contribution,
        versions.policy_version,
        parts.percentile,
        parts.peers,
        parts.peer_segment
    from parts
    left join versions
        on {{ holds_on('versions', 'parts.snapshot_date') }}
)

select * from final
