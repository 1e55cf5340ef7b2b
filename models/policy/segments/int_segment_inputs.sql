with features as (
    select * from {{ ref('int_account_features') }}
),

scores as (
    select * from {{ ref('int_sophistication_scores') }}
),

profiles as (
    select * from {{ ref('score_profiles') }}
),

scored as (
    select
        features.*,
        case when scores.coverage >= profiles.coverage_floor then scores.score end as sophistication_score
    from features
    left join scores
        on features.account_id = scores.account_id and features.snapshot_date = scores.snapshot_date
    left join profiles
        on
            profiles.profile = 'sophistication'
            and {{ holds_on('profiles', 'features.snapshot_date') }}
),

final as (
    {{ with_bands('scored') }}
)

select * from final
