with account_snapshots as (
    select * from {{ ref('int_account_snapshots') }}
),

profiles as (
    select * from {{ ref('int_health_profiles') }}
),

scores as (
    select * from {{ ref('int_health_scores') }}
),

profile_policy as (
    select * from {{ ref('score_profiles') }}
    where score_model = 'health'
),

limits as (
    select * from {{ ref('int_health_limits') }}
),

overrides as (
    select * from {{ ref('int_health_overrides') }}
),

-- One row for every snapshot of every life: "not scored" is an answer with a reason.
weighted as (
    select
        account_snapshots.account_id,
        account_snapshots.snapshot_date,
        account_snapshots.is_current,
        scores.profile,
        scores.scored_set,
        scores.applicable_set,
        scores.left_over,
        scores.leftover_component,
        scores.coverage,
        scores.components_scored,
        scores.components_total,
        cast(case when scores.coverage >= profile_policy.coverage_floor then scores.score end as decimal(5, 2)) as weighted_score,
        case
            when scores.coverage < profile_policy.coverage_floor
                then
                    'Too little fresh data: coverage ' || {{ plain_number('scores.coverage') }} || ' is below the floor '
                    || {{ plain_number('profile_policy.coverage_floor') }} || ' of the profile ' || scores.profile || '.'
            else profiles.reason
        end as computed_reason
    from account_snapshots
    inner join profiles
        on account_snapshots.account_id = profiles.account_id and account_snapshots.snapshot_date = profiles.snapshot_date
    left join scores
        on account_snapshots.account_id = scores.account_id and account_snapshots.snapshot_date = scores.snapshot_date
    left join profile_policy
        on
            scores.profile = profile_policy.profile
            and {{ holds_on('profile_policy', 'account_snapshots.snapshot_date') }}
),

-- A hard rule overrides the weights: what it did to their score is a part of its own.
limited as (
    select
        weighted.*,
        limits.cap,
        limits.cap_score,
        limits.cap_value,
        limits.cap_description,
        limits.floor,
        limits.floor_score,
        limits.floor_value,
        limits.floor_description,
        {{ limited('weighted.weighted_score', 'limits') }} as computed_score
    from weighted
    left join limits
        on weighted.account_id = limits.account_id and weighted.snapshot_date = limits.snapshot_date
),

computed as (
    select
        limited.*,
        cast(limited.computed_score - limited.weighted_score as decimal(5, 2)) as limit_part,
        {{ binding_limit('limited.computed_score', 'limited.weighted_score', 'limited') }} as score_limit,
        {{ binding_limit('limited.computed_score', 'limited.weighted_score', 'limited', '_score') }} as limit_score,
        {{ binding_limit('limited.computed_score', 'limited.weighted_score', 'limited', '_value') }} as limit_value,
        {{ binding_limit('limited.computed_score', 'limited.weighted_score', 'limited', '_description') }} as limit_description
    from limited
),

-- An override replaces the score of a customer; what was computed stays beside it. What set the score comes first in the reason.
final as (
    select
        computed.*,
        overrides.override_id,
        overrides.author as override_author,
        overrides.ends_on as override_ends_on,
        cast(overrides.health_score as decimal(5, 2)) as override_score,
        cast(coalesce(overrides.health_score, computed.computed_score) as decimal(5, 2)) as health_score,
        coalesce(
            overrides.reason,
            case when computed.limit_part < 0 then 'Capped by ' else 'Raised by ' end || computed.score_limit
            || coalesce(': ' || trim(trailing '.' from computed.limit_description), '') || '. ' || computed.computed_reason,
            computed.computed_reason
        ) as reason
    from computed
    left join overrides
        on
            computed.account_id = overrides.account_id
            and computed.profile is not null
            and {{ holds_on('overrides', 'computed.snapshot_date', 'starts_on', 'ends_on') }}
)

select * from final
