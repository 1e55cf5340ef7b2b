with results as (
    select * from {{ ref('int_health_results') }}
),

snapshots as (
    select * from {{ ref('int_snapshots') }}
),

versions as (
    select * from {{ ref('policy_versions') }}
),

dated as (
    select
        snapshots.snapshot_date,
        versions.policy_version,
        lag(snapshots.snapshot_date) over (order by snapshots.snapshot_date) as compared_with,
        lag(versions.policy_version) over (order by snapshots.snapshot_date) as previous_policy_version
    from snapshots
    left join versions
        on {{ holds_on('versions', 'snapshots.snapshot_date') }}
),

paired as (
    select
        results.account_id,
        results.snapshot_date,
        dated.compared_with,
        dated.policy_version,
        dated.previous_policy_version,
        results.profile,
        earlier.profile as previous_profile,
        results.computed_score,
        earlier.computed_score as previous_computed_score,
        results.health_score,
        earlier.health_score as previous_health_score,
        results.override_id,
        earlier.override_id as previous_override_id,
        results.limit_part,
        results.score_limit,
        earlier.limit_part as previous_limit_part,
        earlier.score_limit as previous_score_limit,
        results.reason,
        earlier.account_id is null as is_first
    from results
    inner join dated
        on results.snapshot_date = dated.snapshot_date
    left join results as earlier
        on results.account_id = earlier.account_id and dated.compared_with = earlier.snapshot_date
    where results.profile is not null or earlier.profile is not null
),

-- What was known before can be scored anew only where somebody was a customer on both days.
final as (
    select
        *,
        profile is not null and previous_profile is not null as is_comparable,
        coalesce(policy_version <> previous_policy_version, false) and profile is not null and previous_profile is not null as has_new_policy,
        coalesce(profile <> previous_profile, false) as has_new_profile
    from paired
)

select * from final
