{{ config(
    materialized='incremental', incremental_strategy='rebuilds', unique_key=['account_id', 'snapshot_date'], partition_by=snapshot_partition(),
    meta={'rebuilds': 'int_play_rebuilds'}
) }}

with attributes as (
    select * from {{ rows_worked_out(ref('int_policy_attributes'), rebuilds='int_play_rebuilds') }} as worked_out
),

dues as (
    select * from {{ ref('int_attention_dues') }}
),

skills as (
    select * from {{ ref('fct_segment_assignments') }}
    where segment_scheme = 'sophistication'
),

visits as (
    select * from {{ ref('int_stage_visits') }}
),

stalls as (
    select * from {{ ref('int_stage_stalls') }}
),

scores as (
    select * from {{ ref('fct_health_scores') }}
),

final as (
    select
        attributes.*,
        dues.segment,
        case when dues.contacts_are_told then {{ days_late('dues.touch_due_on', 'attributes.snapshot_date') }} end as touch_days_overdue,
        case when dues.contacts_are_told then {{ days_late('dues.review_due_on', 'attributes.snapshot_date') }} end as review_days_overdue,
        skills.segment as skill_segment,
        visits.stage,
        {{ days_between('visits.entered_on', 'attributes.snapshot_date') }} as days_in_stage,
        case when {{ days_between('visits.entered_on', 'attributes.snapshot_date') }} > stalls.stall_limit_days then 1 else 0 end as stage_is_stalled,
        scores.health_score,
        scores.health_band,
        scores.health_score_change
    from attributes
    left join dues
        on attributes.account_id = dues.account_id and attributes.snapshot_date = dues.snapshot_date
    left join skills
        on
            attributes.account_id = skills.account_id
            and {{ holds_on('skills', 'attributes.snapshot_date') }}
    left join visits
        on
            attributes.account_id = visits.account_id
            and {{ holds_on('visits', 'attributes.snapshot_date', 'entered_on', 'exited_on') }}
    left join stalls
        on visits.account_id = stalls.account_id and visits.visit = stalls.visit
    left join scores
        on attributes.account_id = scores.account_id and attributes.snapshot_date = scores.snapshot_date
)

select * from final
