{{ config(materialized='incremental', incremental_strategy='rebuilds', unique_key=['account_id', 'snapshot_date'], partition_by=snapshot_partition()) }}

with results as (
    select * from {{ ref('int_health_results') }}
),

steps as (
    select * from {{ ref('int_health_change_steps') }}
),

final as (
    select
        results.account_id,
        results.snapshot_date,
        results.profile,
        results.computed_score,
        results.override_id,
        results.health_score,
        cast(steps.change_of_configuration as decimal(5, 2)) as change_of_configuration
    from results
    left join steps
        on results.account_id = steps.account_id and results.snapshot_date = steps.snapshot_date
)

select * from final
