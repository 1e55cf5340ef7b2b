with results as (
    select * from {{ ref('int_health_results') }}
),

points as (
    select * from {{ ref('int_health_points') }}
    where status = 'scored'
),

coefficients as (
    select * from {{ ref('churn_risk_coefficients') }}
),

-- Where nothing of an account is scored its log-odds are those of an average one.
averages as (
    select
        valid_from,
        valid_to,
        max(risk_model) as risk_model,
        max(lead_days) as lead_days,
        max(horizon_days) as horizon_days,
        max(fitted_until) as fitted_until,
        sum(case when term = 'intercept' then coefficient else cast(coefficient * value_when_missing as decimal(18, 9)) end) as log_odds
    from coefficients
    group by valid_from, valid_to
),

deviations as (
    select
        points.account_id,
        points.snapshot_date,
        sum(cast(coefficients.coefficient * cast((100 - points.points) * 0.01 - coefficients.value_when_missing as decimal(12, 6)) as decimal(18, 9))) as log_odds
    from points
    inner join coefficients
        on
            points.component = coefficients.term
            and {{ holds_on('coefficients', 'points.snapshot_date') }}
    group by points.account_id, points.snapshot_date
),

rated as (
    select
        results.account_id,
        results.snapshot_date,
        results.is_current,
        results.coverage,
        averages.risk_model,
        averages.lead_days,
        averages.horizon_days,
        averages.fitted_until,
        case
            when results.profile is null then 'not_a_customer'
            when results.computed_score is null then 'not_scored'
            when averages.risk_model is null then 'no_model'
            else 'rated'
        end as risk_status,
        cast(averages.log_odds + coalesce(deviations.log_odds, 0) as {{ type_double() }}) as log_odds
    from results
    left join averages
        on {{ holds_on('averages', 'results.snapshot_date') }}
    left join deviations
        on results.account_id = deviations.account_id and results.snapshot_date = deviations.snapshot_date
),

final as (
    select
        account_id,
        snapshot_date,
        is_current,
        risk_status,
        coverage,
        risk_model,
        lead_days,
        horizon_days,
        fitted_until,
        cast(case when risk_status = 'rated' then 1 / nullif(1 + exp(-log_odds), 0) end as decimal(7, 6)) as churn_probability
    from rated
)

select * from final
