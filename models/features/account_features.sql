{{ config(materialized='incremental', incremental_strategy='rebuilds', unique_key=['account_id', 'snapshot_date'], partition_by=snapshot_partition()) }}

with features as (
    select * from {{ ref('int_account_features') }}
),

final as (
    select * from features
)

select * from final
