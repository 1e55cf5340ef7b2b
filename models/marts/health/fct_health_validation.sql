with bands as (
    select * from {{ ref('int_validation_bands') }}
),

aucs as (
    select * from {{ ref('int_validation_aucs') }}
),

information as (
    select * from {{ ref('int_validation_information') }}
),

-- The worst band of the score, which the gate asks about. Policy may have called it otherwise before: they are one.
worst as (
    select
        subject,
        cohort,
        segment,
        cast(sum(accounts) as bigint) as accounts,
        cast(sum(churned) as bigint) as churned
    from bands
    where subject = 'health_score' and band_kind = 'band' and band_order = 1
    group by subject, cohort, segment
),

final as (
    select
        bands.subject,
        bands.cohort,
        bands.segment,
        bands.band,
        bands.band_kind,
        aucs.last_observed_on as observed_on,
        {{ add_days('aucs.last_period_to', '-1') }} as known_on,
        cast(bands.accounts as bigint) as accounts,
        bands.churned,
        cast({{ divide_exact('bands.churned', 'bands.accounts', 4) }} as decimal(5, 4)) as churn_rate,
        {{ share_bound('bands.churned', 'bands.accounts', 'aucs.interval_width', '-') }} as churn_rate_lower,
        {{ share_bound('bands.churned', 'bands.accounts', 'aucs.interval_width', '+') }} as churn_rate_upper,
        cast({{ divide_exact('bands.churn_expected', 'bands.accounts', 4) }} as decimal(5, 4)) as churn_rate_said,
        cast({{ divide_exact('bands.squared_errors', 'bands.accounts', 6) }} as decimal(7, 6)) as brier_score,
        cast(case
            when aucs.is_judged
                then {{ divide_exact('bands.churned * cast(aucs.accounts as bigint)', 'cast(bands.accounts as bigint) * aucs.churned', 4) }}
        end as decimal(9, 4)) as lift,
        cast(case when aucs.is_judged then {{ divide_exact('bands.churned_so_far', 'aucs.churned', 4) }} end as decimal(5, 4)) as recall,
        case when aucs.is_judged then {{ share_bound('bands.churned_so_far', 'aucs.churned', 'aucs.interval_width', '-') }} end as recall_lower,
        case when aucs.is_judged then {{ share_bound('bands.churned_so_far', 'aucs.churned', 'aucs.interval_width', '+') }} end as recall_upper,
        case when bands.band_kind = 'all' then aucs.accounts_measured end as accounts_measured,
        case when bands.band_kind = 'all' then aucs.churned_measured end as churned_measured,
        case when bands.band_kind = 'all' then aucs.auc end as auc,
        case when bands.band_kind = 'all' then aucs.auc_lower end as auc_lower,
        case when bands.band_kind = 'all' then aucs.auc_upper end as auc_upper,
        case
            when not aucs.is_judged then 'abstains'
            when aucs.auc_lower > 0.5 then 'predicts'
            when aucs.auc_upper < 0.5 then 'misleads'
            else 'no_predictive_value'
        end as verdict,
        case when bands.band_kind = 'all' and aucs.is_judged then information.information_value end as information_value,
        case when bands.band_kind = 'all' and aucs.is_judged then information.information_value_by_chance end as information_value_by_chance,
        case when bands.subject = 'health_score' and bands.band_kind = 'all' then cast(aucs.gate_lift as decimal(9, 4)) end as gate_lift,
        case
            when bands.subject <> 'health_score' or bands.band_kind <> 'all' then null
            when not aucs.is_judged then 'abstains'
            when worst.churned * cast(aucs.accounts as bigint) >= aucs.gate_lift * worst.accounts * aucs.churned then 'held'
            else 'failed'
        end as gate
    from bands
    inner join aucs
        on
            bands.subject = aucs.subject
            and bands.cohort = aucs.cohort
            and bands.segment = aucs.segment
    left join information
        on
            bands.subject = information.subject
            and bands.cohort = information.cohort
            and bands.segment = information.segment
    left join worst
        on
            bands.subject = worst.subject
            and bands.cohort = worst.cohort
            and bands.segment = worst.segment
)

select * from final
