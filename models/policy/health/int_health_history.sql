{{ config(materialized='incremental', incremental_strategy='rebuilds', unique_key=['account_id', 'snapshot_date'], partition_by=snapshot_partition()) }}

with results as (
    select * from {{ ref('int_health_results') }}
),

final as (
    select
        account_id,
        snapshot_date,
        profile,
        computed_score,
        override_id,
        health_score
    from results
)

select * from final
