{{ config(
    materialized='incremental', incremental_strategy='rebuilds', unique_key=['account_id', 'rule_set', 'snapshot_date'], partition_by=snapshot_partition(),
    meta={'rebuilds': 'int_play_rebuilds'}
) }}

with candidates as (
    select * from {{ ref('int_play_candidates') }}
),

final as (
    select
        account_id,
        rule_set,
        rule_id,
        reason,
        snapshot_date
    from candidates
    where outcome = 'due'
)

select * from final
