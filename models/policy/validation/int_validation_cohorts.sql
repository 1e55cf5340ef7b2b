with days as (
    select * from {{ ref('int_days') }}
),

snapshots as (
    select * from {{ ref('int_snapshots') }}
),

parameters as (
    select * from {{ ref('parameters') }}
),

started as (
    select min(snapshot_date) as started_on from snapshots
),

settings as (
    select
        days.day as period_from,
        cast(max(case when parameters.parameter = 'validation_interval_days' then parameters.parameter_value end) as integer) as interval_days,
        cast(max(case when parameters.parameter = 'validation_lead_days' then parameters.parameter_value end) as integer) as lead_days,
        cast(max(case when parameters.parameter = 'validation_horizon_days' then parameters.parameter_value end) as integer) as horizon_days
    from days
    inner join started
        on started.started_on <= days.day
    inner join parameters
        on {{ holds_on('parameters', 'days.day') }}
    group by days.day
),

-- Periods follow one another from the first snapshot on; one whose horizon is not over says nothing yet.
periods as (
    select
        settings.*,
        {{ add_days('settings.period_from', 'settings.horizon_days') }} as period_to,
        {{ add_days('settings.period_from', '-settings.lead_days') }} as observed_by
    from settings
    cross join started
    where
        mod({{ days_between('started.started_on', 'settings.period_from') }}, settings.interval_days) = 0
        and {{ add_days('settings.period_from', 'settings.horizon_days') }} <= {{ add_days(as_of_date(), 1) }}
),

-- What was said last before the lead time began.
observed as (
    select
        max(snapshots.snapshot_date) as observed_on,
        periods.observed_by,
        periods.period_from,
        periods.period_to
    from periods
    inner join snapshots
        on snapshots.snapshot_date <= periods.observed_by
    group by periods.observed_by, periods.period_from, periods.period_to
),

-- A cohort has the name of its snapshot. Where months are longer than the interval two periods look back to one snapshot: they are two cohorts,
-- or every customer would count twice in one, and the later has the name of the day on which its lead time began.
final as (
    select
        cast(
            case when row_number() over (partition by observed_on order by period_from) = 1 then observed_on else observed_by end
            as {{ dbt.type_string() }}
        ) as cohort,
        observed_on,
        period_from,
        period_to
    from observed
)

select * from final
