with inputs as (
    select * from {{ ref('int_segment_inputs') }}
),

segments as (
    select * from {{ ref('int_segments_by_snapshot') }}
    where segment_scheme = 'touch_model'
),

stages as (
    select * from {{ ref('int_stage_candidates') }}
),

final as (
    select
        inputs.*,
        segments.segment,
        stages.outcome as stage
    from inputs
    left join segments
        on inputs.account_id = segments.account_id and inputs.snapshot_date = segments.snapshot_date
    left join stages
        on inputs.account_id = stages.account_id and inputs.snapshot_date = stages.snapshot_date
)

select * from final
