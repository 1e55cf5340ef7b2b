{{ config(partition_by=snapshot_partition()) }}

with weights as (
    select * from {{ ref('int_health_weights') }}
),

results as (
    select * from {{ ref('int_health_results') }}
),

versions as (
    select * from {{ ref('policy_versions') }}
),

-- Each contribution is rounded; what rounding leaves over goes to the largest, so that the parts sum to the score exactly.
rounded as (
    select
        weights.*,
        results.computed_score,
        case
            when results.computed_score is not null and weights.status = 'scored'
                then cast(cast(weights.effective_weight as decimal(12, 9)) * weights.points as decimal(5, 2))
        end as contribution
    from weights
    inner join results
        on weights.account_id = results.account_id and weights.snapshot_date = results.snapshot_date
),

ranked as (
    select
        *,
        row_number() over (
            partition by account_id, snapshot_date
            order by case when contribution is null then 1 else 0 end, contribution desc, component
        ) as size_rank,
        computed_score - sum(contribution) over (partition by account_id, snapshot_date) as left_over
    from rounded
),

final as (
    select
        ranked.account_id,
        ranked.snapshot_date,
        ranked.component,
        ranked.component_group,
        ranked.profile,
        ranked.raw_value,
        ranked.status,
        ranked.points,
        cast(ranked.policy_weight * 0.01 as decimal(9, 4)) as policy_weight,
        cast(ranked.effective_weight as decimal(10, 9)) as weight,
        cast(ranked.contribution + case when ranked.size_rank = 1 then ranked.left_over else 0 end as decimal(5, 2)) as contribution,
        versions.policy_version
    from ranked
    left join versions
        on {{ holds_on('versions', 'ranked.snapshot_date') }}
)

select * from final
