{{ config(materialized='incremental', incremental_strategy='rebuilds', unique_key=['account_id', 'segment_scheme', 'snapshot_date'], partition_by=snapshot_partition()) }}

with outcomes as (
    {{ evaluate_rules(none, ref('int_segment_margin_inputs'), 'segments', keys=['segment_scheme', 'variant', 'direction']) }}
),

segments as (
    select * from {{ ref('segments') }}
),

-- Where the marker would lead without a rank, nothing is up or down.
final as (
    select
        outcomes.account_id,
        outcomes.segment_scheme,
        outcomes.snapshot_date,
        min(case when outcomes.direction = 'up' then segments.segment_rank end) as least_rank,
        max(case when outcomes.direction = 'down' then segments.segment_rank end) as most_rank
    from outcomes
    inner join segments
        on
            outcomes.segment_scheme = segments.segment_scheme
            and outcomes.outcome = segments.segment
            and {{ holds_on('segments', 'outcomes.snapshot_date') }}
    where segments.segment_rank is not null
    group by outcomes.account_id, outcomes.segment_scheme, outcomes.snapshot_date
)

select * from final
