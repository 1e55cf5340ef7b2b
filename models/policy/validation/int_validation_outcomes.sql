with cohorts as (
    select * from {{ ref('int_validation_cohorts') }}
),

results as (
    select * from {{ ref('int_health_history') }}
    where profile is not null
),

scores as (
    select * from {{ ref('fct_health_scores') }}
),

spells as (
    select * from {{ ref('int_account_paid_spells') }}
),

lives as (
    select * from {{ ref('int_account_lives') }}
),

segments as (
    select * from {{ ref('int_segments_by_snapshot') }}
    where segment_scheme = 'touch_model'
),

-- A gap no longer than parameter paid_gap_days that was over by the end of the period is none; what comes later is not known yet.
runs as (
    select
        cohorts.cohort,
        spells.account_id,
        spells.run_started_on as started_on,
        case when max(case when spells.ended_on is null then 1 else 0 end) = 0 then max(spells.ended_on) end as ended_on
    from cohorts
    inner join spells
        on spells.started_on < cohorts.period_to
    group by cohorts.cohort, spells.account_id, spells.run_started_on
),

-- Customers on the day of observation who still were when the period began. Who left between the two is no longer to be saved;
-- of an account that ended otherwise, merged or deleted, it cannot be said whether it would have stayed.
final as (
    select
        cohorts.cohort,
        cohorts.observed_on,
        cohorts.period_from,
        cohorts.period_to,
        results.account_id,
        results.profile,
        segments.segment,
        results.health_score,
        scores.health_band,
        case when runs.ended_on < cohorts.period_to then 1 else 0 end as is_churned
    from cohorts
    inner join results
        on cohorts.observed_on = results.snapshot_date
    inner join runs
        on
            cohorts.cohort = runs.cohort
            and results.account_id = runs.account_id
            and {{ holds_on('runs', 'cohorts.observed_on', 'started_on', 'ended_on') }}
            and (runs.ended_on is null or runs.ended_on >= cohorts.period_from)
    inner join lives
        on
            results.account_id = lives.account_id
            and (lives.died_on is null or lives.died_on >= cohorts.period_to or lives.died_on > runs.ended_on)
    inner join segments
        on results.account_id = segments.account_id and results.snapshot_date = segments.snapshot_date
    left join scores
        on results.account_id = scores.account_id and results.snapshot_date = scores.snapshot_date
)

select * from final
