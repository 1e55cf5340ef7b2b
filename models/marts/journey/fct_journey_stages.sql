with visits as (
    select * from {{ ref('int_stage_visits') }}
),

stages as (
    select * from {{ ref('stages') }}
),

stalls as (
    select * from {{ ref('int_stage_stalls') }}
),

versions as (
    select * from {{ ref('policy_versions') }}
),

placed as (
    select
        visits.*,
        stages.stage_order,
        stages.stage_kind,
        stalls.stall_limit_days,
        stalls.stall_basis,
        cast({{ days_between('visits.entered_on', 'coalesce(visits.exited_on, ' ~ as_of_date() ~ ')') }} as integer) as days_in_stage
    from visits
    left join stages
        on
            visits.stage = stages.stage
            and {{ holds_on('stages', 'visits.entered_on') }}
    left join stalls
        on visits.account_id = stalls.account_id and visits.visit = stalls.visit
),

-- The last step on the path before this visit; side stages (renewal, at risk, won back) are not steps.
last_steps as (
    select
        *,
        max(case when stage_kind = 'path' then visit end) over (
            partition by account_id order by visit
            rows between unbounded preceding and 1 preceding
        ) as last_path_visit,
        max(case when entered_before_history and coalesce(stage_kind, '') <> 'before' then 1 else 0 end) over (partition by account_id) as began_unseen
    from placed
),

-- Policy may number its stages anew: both are ordered as on the day of the later visit, or as when it was visited where the stage is no step any more.
compared as (
    select
        last_steps.*,
        coalesce(stages.stage_order, before.stage_order) as last_path_order
    from last_steps
    left join placed as before
        on last_steps.account_id = before.account_id and last_steps.last_path_visit = before.visit
    left join stages
        on
            before.stage = stages.stage
            and stages.stage_kind = 'path'
            and {{ holds_on('stages', 'last_steps.entered_on') }}
),

-- Which steps an account took before the history nobody knows, unless it was no customer yet: until one is known none is told as skipped.
skipped as (
    select
        compared.account_id,
        compared.visit,
        count(*) as skipped_stages
    from compared
    inner join stages
        on
            stages.stage_kind = 'path'
            and stages.stage_order < compared.stage_order
            and stages.stage_order > coalesce(compared.last_path_order, 0)
            and {{ holds_on('stages', 'compared.entered_on') }}
    where compared.stage_kind = 'path' and (compared.last_path_order is not null or compared.began_unseen = 0)
    group by compared.account_id, compared.visit
),

final as (
    select
        compared.account_id,
        compared.visit,
        compared.stage,
        compared.entered_on,
        compared.exited_on,
        compared.days_in_stage,
        compared.exited_on is null as is_censored,
        compared.entered_before_history,
        compared.previous_stage,
        coalesce(compared.stage_kind = 'path' and compared.last_path_order > compared.stage_order, false) as is_regression,
        cast(coalesce(skipped.skipped_stages, 0) as integer) as skipped_stages,
        coalesce(compared.days_in_stage > compared.stall_limit_days, false) as is_stalled,
        compared.stall_limit_days,
        compared.stall_basis,
        compared.rule_id,
        compared.reason,
        compared.values_seen,
        versions.policy_version
    from compared
    left join skipped
        on compared.account_id = skipped.account_id and compared.visit = skipped.visit
    left join versions
        on {{ holds_on('versions', 'compared.entered_on') }}
)

select * from final
