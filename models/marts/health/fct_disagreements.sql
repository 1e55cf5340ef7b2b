with results as (
    select * from {{ ref('int_health_results') }}
    where is_current and profile is not null
),

features as (
    select * from {{ ref('account_features') }}
),

pulses as (
    select * from {{ ref('int_account_pulses') }}
    where pulse is not null
),

ages as (
    select * from {{ ref('attributes') }}
    where attribute = 'csm_pulse'
),

bands as (
    select
        *,
        min(band_order) over (partition by band_set, valid_from) as lowest_order
    from {{ ref('int_bands') }}
),

versions as (
    select * from {{ ref('policy_versions') }}
),

-- The view of the customer-success manager: the override in force, else the latest pulse while it has not expired and is not too old.
thought as (
    select
        results.account_id,
        results.snapshot_date,
        results.computed_score,
        coalesce(results.override_score, pulses.pulse) as csm_score,
        case when results.override_score is not null then results.override_author else pulses.author end as csm_author
    from results
    left join ages
        on {{ holds_on('ages', 'results.snapshot_date') }}
    left join pulses
        on
            results.account_id = pulses.account_id
            and results.snapshot_date = pulses.snapshot_date
            and (ages.maximum_age_days is null or {{ days_between('pulses.given_on', 'results.snapshot_date') }} <= ages.maximum_age_days)
),

viewed as (
    select
        thought.account_id,
        thought.snapshot_date,
        thought.computed_score,
        thought.csm_author,
        features.mrr,
        features.mrr_change_90d,
        computed_bands.band as computed_band,
        computed_bands.band_order as computed_order,
        computed_bands.lowest_order as lowest_health,
        computed_bands.highest_order as highest_health,
        csm_bands.band as csm_band,
        csm_bands.band_order as csm_order,
        trend_bands.band as revenue_trend,
        trend_bands.band_order as trend_order,
        trend_bands.lowest_order as lowest_trend,
        trend_bands.highest_order as highest_trend
    from thought
    inner join features
        on thought.account_id = features.account_id and thought.snapshot_date = features.snapshot_date
    {%- for alias, band_set, value in [
        ('computed_bands', 'health', 'thought.computed_score'),
        ('csm_bands', 'health', 'thought.csm_score'),
        ('trend_bands', 'revenue_trend', 'features.mrr_change_90d'),
    ] %}
    left join bands as {{ alias }}
        on
            {{ alias }}.band_set = '{{ band_set }}'
            and {{ holds_on(alias, 'thought.snapshot_date') }}
            and {{ in_band(value, alias) }}
    {%- endfor %}
),

-- The ends of both scales contradict each other; what lies between is no disagreement.
judged as (
    select
        *,
        case
            when computed_order = highest_health and trend_order = lowest_trend then 'healthy_but_shrinking'
            when computed_order = lowest_health and trend_order = highest_trend then 'unhealthy_but_growing'
        end as against_revenue,
        case
            when csm_order < computed_order then 'csm_sees_worse'
            when csm_order > computed_order then 'csm_sees_better'
        end as against_csm
    from viewed
),

final as (
    select
        judged.account_id,
        judged.snapshot_date,
        judged.against_revenue,
        judged.against_csm,
        cast(case when judged.against_revenue is null then 0 else 1 end + case when judged.against_csm is null then 0 else 1 end as integer) as disagreements,
        judged.computed_score,
        judged.computed_band,
        judged.revenue_trend,
        cast(judged.mrr as decimal(18, 4)) as mrr,
        cast(judged.mrr_change_90d as decimal(18, 4)) as mrr_change_90d,
        judged.csm_band,
        judged.csm_author,
        versions.policy_version
    from judged
    left join versions
        on {{ holds_on('versions', 'judged.snapshot_date') }}
)

select * from final
