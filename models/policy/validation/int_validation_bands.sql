with ranks as (
    select * from {{ ref('int_validation_ranks') }}
),

bands as (
    select
        band,
        max(band_order) as band_order
    from {{ ref('int_bands') }}
    where band_set = 'health'
    group by band
),

banded as (
    select
        ranks.*,
        coalesce(bands.band, 'not_scored') as band,
        coalesce(bands.band_order, 999) as band_order
    from ranks
    left join bands
        on ranks.health_band = bands.band
    where ranks.subject = 'health_score'
),

-- The same accounts three times: all together, by band, and by tenth of the ranking.
cut as (
    select
        subject,
        cohort,
        segment,
        'all' as band_kind,
        'all' as band,
        0 as band_order,
        churn_probability,
        accounts,
        churned
    from ranks
    union all
    select
        subject,
        cohort,
        segment,
        'band' as band_kind,
        band,
        band_order,
        churn_probability,
        accounts,
        churned
    from banded
    union all
    select
        subject,
        cohort,
        segment,
        'decile' as band_kind,
        'decile_' || cast(decile as {{ dbt.type_string() }}) as band,
        decile as band_order,
        churn_probability,
        accounts,
        churned
    from ranks
    where decile is not null and subject in ('health_score', 'churn_risk')
),

counted as (
    select
        subject,
        cohort,
        segment,
        band_kind,
        band,
        band_order,
        cast(sum(accounts) as bigint) as accounts,
        cast(sum(churned) as bigint) as churned,
        cast(sum(accounts * churn_probability) as decimal(18, 4)) as churn_expected,
        cast(sum(
            cast(accounts - churned as decimal(19, 0)) * churn_probability * churn_probability
            + cast(churned as decimal(19, 0)) * (1 - churn_probability) * (1 - churn_probability)
        ) as decimal(18, 4)) as squared_errors
    from cut
    group by subject, cohort, segment, band_kind, band, band_order
),

-- Bands from the riskiest on, so that recall says how many of those who left stood in this one or a worse. What policy called a band before
-- stands beside what it calls it now: neither is worse.
final as (
    select
        *,
        cast(sum(churned) over (
            partition by subject, cohort, segment, band_kind order by band_order
            range between unbounded preceding and current row
        ) as bigint) as churned_so_far
    from counted
)

select * from final
