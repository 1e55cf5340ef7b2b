with visits as (
    select * from {{ ref('int_stage_visits') }}
),

stages as (
    select * from {{ ref('stages') }}
),

snapshots as (
    select * from {{ ref('int_snapshots') }}
),

assignments as (
    select * from {{ ref('fct_segment_assignments') }}
    where segment_scheme = 'touch_model'
),

durations as (
    select * from {{ ref('fct_journey_durations') }}
),

months as (
    select
        cast({{ dbt.date_trunc('month', 'snapshot_date') }} as date) as month,
        min(snapshot_date) as observed_on
    from snapshots
    group by cast({{ dbt.date_trunc('month', 'snapshot_date') }} as date)
),

-- A visit is held against what was known when it began, so that its limit does not move under it.
final as (
    select
        visits.account_id,
        visits.visit,
        case when durations.stall_basis = 'percentile' then durations.stall_limit_days else stages.stall_after_days end as stall_limit_days,
        case
            when durations.stall_basis = 'percentile' then 'percentile'
            when stages.stall_after_days is not null then 'policy'
            else 'none'
        end as stall_basis
    from visits
    left join stages
        on
            visits.stage = stages.stage
            and {{ holds_on('stages', 'visits.entered_on') }}
    left join months
        on cast({{ dbt.date_trunc('month', 'visits.entered_on') }} as date) = months.month
    left join assignments
        on
            visits.account_id = assignments.account_id
            and {{ holds_on('assignments', 'visits.entered_on') }}
    left join durations
        on
            months.observed_on = durations.observed_on
            and visits.stage = durations.stage
            and assignments.segment = durations.segment
)

select * from final
