with visits as (
    select
        *,
        lead(stage) over (partition by account_id order by visit) as next_stage
    from {{ ref('int_stage_visits') }}
),

snapshots as (
    select * from {{ ref('int_snapshots') }}
),

assignments as (
    select * from {{ ref('fct_segment_assignments') }}
    where segment_scheme = 'touch_model'
),

-- Once a month, and at the run's own day.
observations as (
    select min(snapshot_date) as observed_on
    from snapshots
    group by cast({{ dbt.date_trunc('month', 'snapshot_date') }} as date)
    union
    select max(snapshot_date) as observed_on
    from snapshots
),

-- Of a visit that began before the history nobody knows how long it has lasted.
placed as (
    select
        visits.stage,
        assignments.segment,
        visits.entered_on,
        visits.exited_on,
        visits.next_stage
    from visits
    inner join assignments
        on
            visits.account_id = assignments.account_id
            and {{ holds_on('assignments', 'visits.entered_on') }}
    where not visits.entered_before_history
),

watched as (
    select
        placed.*,
        observations.observed_on,
        least(coalesce(placed.exited_on, observations.observed_on), observations.observed_on) as watched_until
    from placed
    inner join observations
        on placed.entered_on < observations.observed_on
),

-- A visit that still lasts, or ended with the account's life, is known to have lasted so long and no longer.
spans as (
    select
        observed_on,
        stage,
        segment,
        {{ days_between('entered_on', 'watched_until') }} as days,
        case when next_stage is not null and exited_on <= observed_on then 1 else 0 end as has_ended
    from watched
),

counted as (
    select
        observed_on,
        stage,
        segment,
        days,
        count(*) as visits,
        sum(has_ended) as exits
    from spans
    group by observed_on, stage, segment, days
),

at_risk as (
    select
        *,
        sum(visits) over (
            partition by observed_on, stage, segment order by days desc
            rows between unbounded preceding and current row
        ) as visits_at_risk
    from counted
),

summed as (
    select
        *,
        min(case when exits = visits_at_risk then 0 else 1 end) over (
            partition by observed_on, stage, segment order by days
            rows between unbounded preceding and current row
        ) as is_any_left,
        sum(ln(case when exits < visits_at_risk then 1 - cast(exits as {{ type_double() }}) / visits_at_risk else 1 end)) over (
            partition by observed_on, stage, segment order by days
            rows between unbounded preceding and current row
        ) as log_survival
    from at_risk
),

-- Kaplan–Meier: the product of the shares that stay, day by day; nothing is left once all that were at risk have ended.
final as (
    select
        observed_on,
        stage,
        segment,
        cast(days as integer) as days,
        cast(visits as integer) as visits,
        cast(exits as integer) as exits,
        cast(visits_at_risk as integer) as visits_at_risk,
        cast(round(cast(is_any_left * exp(log_survival) as decimal(28, 14)), 9) as decimal(10, 9)) as survival
    from summed
)

select * from final
