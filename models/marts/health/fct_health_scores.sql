{{
    config(
        materialized='incremental',
        incremental_strategy='rebuilds',
        unique_key=['account_id', 'snapshot_date'],
        on_schema_change='append_new_columns',
        partition_by=snapshot_partition()
    )
}}

with results as (
    select * from {{ ref('int_health_results') }}
),

trends as (
    select * from {{ ref('int_health_trends') }}
),

bands as (
    select * from {{ ref('int_bands') }}
),

health_bands as (
    select * from {{ ref('int_health_bands') }}
),

versions as (
    select * from {{ ref('policy_versions') }}
),

final as (
    select
        results.account_id,
        results.snapshot_date,
        results.is_current,
        results.health_score,
        health_bands.health_band,
        case when results.health_score is null then 'not_scored' else 'scored' end as score_status,
        results.reason,
        results.profile,
        results.coverage,
        confidence_bands.band as confidence,
        trend_bands.band as health_trend,
        trends.health_score_change,
        trends.compared_with,
        results.computed_score,
        computed_bands.band as computed_band,
        results.override_id,
        results.override_score,
        results.override_author,
        results.override_ends_on,
        cast(coalesce(results.components_scored, 0) as integer) as components_scored,
        cast(coalesce(results.components_total, 0) as integer) as components_total,
        versions.policy_version,
        results.weighted_score,
        results.score_limit,
        results.limit_part
    from results
    left join trends
        on results.account_id = trends.account_id and results.snapshot_date = trends.snapshot_date
    left join health_bands
        on results.account_id = health_bands.account_id and results.snapshot_date = health_bands.snapshot_date
    left join versions
        on {{ holds_on('versions', 'results.snapshot_date') }}
    {%- for alias, band_set, value in [
        ('computed_bands', 'health', 'results.computed_score'),
        ('confidence_bands', 'confidence', 'results.coverage'),
        ('trend_bands', 'health_trend', 'trends.health_score_change'),
    ] %}
    left join bands as {{ alias }}
        on
            {{ alias }}.band_set = '{{ band_set }}'
            and {{ holds_on(alias, 'results.snapshot_date') }}
            and {{ in_band(value, alias) }}
    {%- endfor %}
)

select * from final
