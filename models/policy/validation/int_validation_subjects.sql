with outcomes as (
    select * from {{ ref('int_validation_outcomes') }}
),

points as (
    select * from {{ ref('fct_health_score_components') }}
    where status = 'scored'
),

weights as (
    select * from {{ ref('score_weights') }}
),

risks as (
    select * from {{ ref('fct_churn_risk') }}
    where risk_status = 'rated'
),

rated as (
    select
        outcomes.*,
        risks.churn_probability
    from outcomes
    inner join risks
        on outcomes.account_id = risks.account_id and outcomes.observed_on = risks.snapshot_date
),

measured as (
    select
        outcomes.*,
        points.component,
        points.component_group,
        points.points,
        weights.weight as weight_in_group
    from outcomes
    inner join points
        on outcomes.account_id = points.account_id and outcomes.observed_on = points.snapshot_date
    inner join weights
        on
            outcomes.profile = weights.profile
            and points.component = weights.component
            and {{ holds_on('weights', 'outcomes.observed_on') }}
),

-- Everything that may be held against later churn: the score, each group and each component of it. High is healthy.
final as (
    select
        'health_score' as subject,
        cohort,
        observed_on,
        period_to,
        account_id,
        segment,
        is_churned,
        health_band,
        cast(null as decimal(7, 6)) as churn_probability,
        cast(health_score as decimal(7, 4)) as measured_value
    from outcomes
    union all
    select
        'churn_risk' as subject,
        cohort,
        observed_on,
        period_to,
        account_id,
        segment,
        is_churned,
        cast(null as {{ dbt.type_string() }}) as health_band,
        churn_probability,
        cast(100 - 100 * churn_probability as decimal(7, 4)) as measured_value
    from rated
    union all
    select
        'group:' || component_group as subject,
        cohort,
        observed_on,
        period_to,
        account_id,
        segment,
        is_churned,
        cast(null as {{ dbt.type_string() }}) as health_band,
        cast(null as decimal(7, 6)) as churn_probability,
        cast({{ divide_exact('cast(sum(weight_in_group * points) as decimal(18, 4))', 'sum(weight_in_group)', 4) }} as decimal(7, 4)) as measured_value
    from measured
    group by component_group, cohort, observed_on, period_to, account_id, segment, is_churned
    union all
    select
        'component:' || component as subject,
        cohort,
        observed_on,
        period_to,
        account_id,
        segment,
        is_churned,
        cast(null as {{ dbt.type_string() }}) as health_band,
        cast(null as decimal(7, 6)) as churn_probability,
        points as measured_value
    from measured
)

select * from final
