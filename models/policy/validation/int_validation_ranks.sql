with subjects as (
    select * from {{ ref('int_validation_subjects') }}
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
        subjects.subject,
        case when scopes.by_cohort = 1 then subjects.cohort else 'all' end as cohort,
        case when scopes.by_segment = 1 then subjects.segment else 'all' end as segment,
        subjects.cohort as own_cohort,
        subjects.account_id,
        subjects.observed_on,
        subjects.period_to,
        subjects.is_churned,
        subjects.health_band,
        subjects.churn_probability,
        subjects.measured_value,
        case when subjects.measured_value is null then 0 else 1 end as is_measured
    from subjects
    inner join scopes
        on subjects.subject in ('health_score', 'churn_risk') or scopes.by_cohort + scopes.by_segment < 2
),

ranked as (
    select
        *,
        rank() over (partition by subject, cohort, segment, is_measured order by measured_value) as riskiest_first,
        count(*) over (partition by subject, cohort, segment, is_measured, measured_value) as ties,
        count(*) over (partition by subject, cohort, segment, is_measured) as accounts_measured
    from scoped
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
