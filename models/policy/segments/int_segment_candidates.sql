{{ config(materialized='incremental', incremental_strategy='rebuilds', unique_key=['account_id', 'segment_scheme', 'snapshot_date'], partition_by=snapshot_partition()) }}

with outcomes as (
    {{ evaluate_rules(none, ref('int_segment_inputs'), 'segments') }}
),

schemes as (
    select * from {{ ref('segment_schemes') }}
),

final as (
    select
        outcomes.account_id,
        schemes.segment_scheme,
        outcomes.snapshot_date,
        outcomes.outcome,
        outcomes.rule_id,
        outcomes.reason
    from outcomes
    inner join schemes
        on
            outcomes.rule_set = schemes.rule_set
            and {{ holds_on('schemes', 'outcomes.snapshot_date') }}
)

select * from final
