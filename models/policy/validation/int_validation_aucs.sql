with ranks as (
    select * from {{ ref('int_validation_ranks') }}
),

parameters as (
    select * from {{ ref('parameters') }}
),

settings as (
    select
        max(case when parameter = 'validation_minimum_churned' then parameter_value end) as minimum_churned,
        max(case when parameter = 'validation_interval_width' then parameter_value end) as interval_width,
        max(case when parameter = 'validation_gate_lift' then parameter_value end) as gate_lift
    from parameters
    where {{ holds_on('parameters', as_of_date()) }}
),

counted as (
    select
        subject,
        cohort,
        segment,
        max(observed_on) as last_observed_on,
        max(period_to) as last_period_to,
        cast(sum(accounts) as bigint) as accounts,
        cast(sum(churned) as bigint) as churned,
        cast(sum(is_measured * accounts) as bigint) as accounts_measured,
        cast(sum(is_measured * churned) as bigint) as churned_measured,
        cast(sum(churned * doubled_rank) as bigint) as doubled_ranks
    from ranks
    group by subject, cohort, segment
),

enough as (
    select
        counted.*,
        settings.minimum_churned,
        settings.interval_width,
        settings.gate_lift,
        counted.accounts_measured - counted.churned_measured as stayed_measured,
        counted.churned_measured >= settings.minimum_churned and counted.accounts_measured > counted.churned_measured as is_judged
    from counted
    cross join settings
),

-- The chance that one who churned was held for riskier than one who stayed; a tie is half a chance. From ranks, in whole numbers.
measured as (
    select
        *,
        case
            when is_judged
                then
                    cast({{ divide_exact(
                        '2 * churned_measured * stayed_measured - doubled_ranks + churned_measured * (churned_measured + 1)',
                        '2 * churned_measured * stayed_measured',
                        4
                    ) }} as decimal(5, 4))
        end as auc
    from enough
),

bounded as (
    select
        *,
        case
            when auc is not null
                then cast(interval_width * {{ auc_error('auc', 'churned_measured', 'stayed_measured') }} as decimal(9, 4))
        end as margin
    from measured
),

final as (
    select
        *,
        case when auc is not null then cast(greatest(auc - margin, 0) as decimal(5, 4)) end as auc_lower,
        case when auc is not null then cast(least(auc + margin, 1) as decimal(5, 4)) end as auc_upper
    from bounded
)

select * from final
