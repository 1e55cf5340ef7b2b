{{ config(materialized='incremental', incremental_strategy='rebuilds', unique_key=['account_id', 'snapshot_date'], partition_by=snapshot_partition()) }}

with inputs as (
    select * from {{ ref('int_segment_inputs') }}
),

final as (
    select * from inputs
)

select * from final
