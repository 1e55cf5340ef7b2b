with pairs as (
    select * from {{ ref('int_health_change_pairs') }}
    where is_comparable
),

scores as (
    select * from {{ ref('int_health_change_scores') }}
),

limits as (
    select * from {{ ref('int_health_change_limits') }}
),

profile_policy as (
    select * from {{ ref('score_profiles') }}
    where score_model = 'health'
),

-- Below the floor of the profile a step has no score, as a day has none; but between two scores no step goes through none.
standing as (
    select
        scores.account_id,
        scores.snapshot_date,
        scores.profile,
        scores.score_before as weighted_score,
        {{ limited('scores.score_before', 'limits') }} as score,
        {{ binding_limit(limited('scores.score_before', 'limits'), 'scores.score_before', 'limits') }} as score_limit
    from scores
    inner join pairs
        on scores.account_id = pairs.account_id and scores.snapshot_date = pairs.snapshot_date
    left join limits
        on scores.account_id = limits.account_id and scores.snapshot_date = limits.snapshot_date
    inner join profile_policy
        on
            scores.profile = profile_policy.profile
            and {{ holds_on('profile_policy', 'scores.snapshot_date') }}
    where
        scores.step = 'rescored'
        and (
            scores.coverage >= profile_policy.coverage_floor
            or (pairs.computed_score is not null and pairs.previous_computed_score is not null)
        )
),

stepped as (
    select
        pairs.account_id,
        pairs.snapshot_date,
        pairs.computed_score,
        pairs.limit_part,
        case when pairs.has_new_policy or pairs.has_new_profile then new_profile.score - new_profile.weighted_score else pairs.previous_limit_part end as limit_part_before,
        case when pairs.has_new_policy or pairs.has_new_profile then new_profile.score_limit else pairs.previous_score_limit end as score_limit_before,
        case when pairs.has_new_policy then new_policy.score else pairs.previous_computed_score end as score_new_policy,
        case when pairs.has_new_policy or pairs.has_new_profile then new_profile.score else pairs.previous_computed_score end as score_new_profile,
        common.score_before as score_common_before,
        common.score_after as score_common_after,
        case when pairs.has_new_policy then new_profile.score - pairs.previous_computed_score end as change_of_configuration
    from pairs
    left join standing as new_policy
        on
            pairs.account_id = new_policy.account_id
            and pairs.snapshot_date = new_policy.snapshot_date
            and pairs.previous_profile = new_policy.profile
    left join standing as new_profile
        on
            pairs.account_id = new_profile.account_id
            and pairs.snapshot_date = new_profile.snapshot_date
            and pairs.profile = new_profile.profile
    left join scores as common
        on
            pairs.account_id = common.account_id
            and pairs.snapshot_date = common.snapshot_date
            and common.step = 'common'
),

-- Data and hard rules can be told apart from what came and went only between two scores.
final as (
    select
        *,
        case
            when score_new_profile is not null and computed_score is not null
                then score_common_after - score_common_before
        end as change_of_data,
        case
            when score_new_profile is not null and computed_score is not null
                then limit_part - limit_part_before
        end as change_of_limit
    from stepped
)

select * from final
