with features as (
    select * from {{ ref('int_account_features') }}
),

scores as (
    select * from {{ ref('int_sophistication_scores') }}
),

profiles as (
    select * from {{ ref('score_profiles') }}
),

bands as (
    select * from {{ ref('int_bands') }}
),

parameters as (
    select * from {{ ref('parameters') }}
),

scored as (
    select
        features.*,
        case when scores.coverage >= profiles.coverage_floor then scores.score end as sophistication_score,
        value_bands.band_order + cast(features.is_brand * parameters.parameter_value as integer) as lifted_order,
        value_bands.highest_order
    from features
    left join scores
        on features.account_id = scores.account_id and features.snapshot_date = scores.snapshot_date
    left join profiles
        on
            profiles.profile = 'sophistication'
            and {{ holds_on('profiles', 'features.snapshot_date') }}
    left join bands as value_bands
        on
            value_bands.band_set = 'value'
            and {{ holds_on('value_bands', 'features.snapshot_date') }}
            and {{ in_band('features.mrr', 'value_bands') }}
    left join parameters
        on
            parameters.parameter = 'brand_band_lift'
            and {{ holds_on('parameters', 'features.snapshot_date') }}
),

final as (
    select
        scored.*,
        lifted_bands.band as value_band,
        coalesce(skill_bands.band, 'unknown') as sophistication
    from scored
    left join bands as lifted_bands
        on
            lifted_bands.band_set = 'value'
            and {{ holds_on('lifted_bands', 'scored.snapshot_date') }}
            and least(scored.lifted_order, scored.highest_order) = lifted_bands.band_order
    left join bands as skill_bands
        on
            skill_bands.band_set = 'sophistication'
            and {{ holds_on('skill_bands', 'scored.snapshot_date') }}
            and {{ in_band('scored.sophistication_score', 'skill_bands') }}
)

select * from final
