with subjects as (
    select * from {{ ref('int_validation_subjects') }}
),

-- Whoever has the same value has the same rank: from here on a row is a value, with the customers that have it.
valued as (
    select
        subject,
        cohort,
        segment,
        coalesce(health_band, 'none') as health_band,
        churn_probability,
        measured_value,
        max(observed_on) as observed_on,
        max(period_to) as period_to,
        count(*) as accounts,
        sum(is_churned) as churned
    from subjects
    group by subject, cohort, segment, coalesce(health_band, 'none'), churn_probability, measured_value
),

-- Every cohort and segment by itself and all together; parts of the score not by both at once, of which there would be too many to be read.
scopes as (
    select 0 as by_cohort, 0 as by_segment
    union all
    select 1 as by_cohort, 0 as by_segment
    union all
    select 0 as by_cohort, 1 as by_segment
    union all
    select 1 as by_cohort, 1 as by_segment
),

scoped as (
    select
        valued.subject,
        case when scopes.by_cohort = 1 then valued.cohort else 'all' end as cohort,
        case when scopes.by_segment = 1 then valued.segment else 'all' end as segment,
        valued.health_band,
        valued.churn_probability,
        valued.measured_value,
        case when valued.measured_value is null then 0 else 1 end as is_measured,
        max(valued.observed_on) as observed_on,
        max(valued.period_to) as period_to,
        cast(sum(valued.accounts) as bigint) as accounts,
        cast(sum(valued.churned) as bigint) as churned
    from valued
    inner join scopes
        on valued.subject in ('health_score', 'churn_risk') or scopes.by_cohort + scopes.by_segment < 2
    group by
        valued.subject,
        case when scopes.by_cohort = 1 then valued.cohort else 'all' end,
        case when scopes.by_segment = 1 then valued.segment else 'all' end,
        valued.health_band,
        valued.churn_probability,
        valued.measured_value
),

counted as (
    select
        *,
        cast(sum(accounts) over (
            partition by subject, cohort, segment, is_measured order by measured_value
            range between unbounded preceding and current row
        ) as bigint) as accounts_so_far,
        cast(sum(accounts) over (partition by subject, cohort, segment, is_measured, measured_value) as bigint) as ties,
        cast(sum(accounts) over (partition by subject, cohort, segment, is_measured) as bigint) as accounts_measured
    from scoped
),

ranked as (
    select
        *,
        accounts_so_far - ties + 1 as riskiest_first
    from counted
),

-- Ties share their middle rank, here doubled so that it is a whole number, and their decile.
final as (
    select
        *,
        case when is_measured = 1 then 2 * riskiest_first + ties - 1 end as doubled_rank,
        case
            when is_measured = 1
                then
                    1 + cast({{ divide_exact(
                        '10 * (riskiest_first - 1) - mod(10 * (riskiest_first - 1), accounts_measured)',
                        'accounts_measured',
                        1
                    ) }} as integer)
        end as decile
    from ranked
)

select * from final
