with results as (
    select * from {{ ref('int_health_results') }}
),

history as (
    select * from {{ ref('int_health_history') }}
),

snapshots as (
    select * from {{ ref('int_snapshots') }}
),

parameters as (
    select * from {{ ref('parameters') }}
),

versions as (
    select * from {{ ref('policy_versions') }}
),

-- Each snapshot looks back to the latest one that is at least health_trend_days older.
comparisons as (
    select
        snapshots.snapshot_date,
        max(earlier.snapshot_date) as compared_with
    from snapshots
    inner join parameters
        on
            parameters.parameter = 'health_trend_days'
            and {{ holds_on('parameters', 'snapshots.snapshot_date') }}
    inner join snapshots as earlier
        on {{ days_between('earlier.snapshot_date', 'snapshots.snapshot_date') }} >= parameters.parameter_value
    group by snapshots.snapshot_date
),

dated as (
    select
        snapshots.snapshot_date,
        versions.policy_version,
        lag(versions.policy_version) over (order by snapshots.snapshot_date) as previous_policy_version
    from snapshots
    left join versions
        on {{ holds_on('versions', 'snapshots.snapshot_date') }}
),

-- What new versions of the policy did to the score in between, as the parts of its changes measured it, and whether all of them could be.
new_policies as (
    select
        results.account_id,
        results.snapshot_date,
        sum(history.change_of_configuration) as change_of_configuration,
        count(*) = count(history.change_of_configuration) as is_known
    from results
    inner join comparisons
        on results.snapshot_date = comparisons.snapshot_date
    inner join dated
        on
            comparisons.compared_with < dated.snapshot_date
            and comparisons.snapshot_date >= dated.snapshot_date
            and dated.policy_version <> dated.previous_policy_version
    left join history
        on
            results.account_id = history.account_id
            and dated.snapshot_date = history.snapshot_date
    group by results.account_id, results.snapshot_date
),

compared as (
    select
        results.account_id,
        results.snapshot_date,
        comparisons.compared_with,
        results.health_score - earlier.health_score as health_score_change,
        results.override_id is not null or earlier.override_id is not null as is_set_by_a_person
    from results
    inner join comparisons
        on results.snapshot_date = comparisons.snapshot_date
    inner join history as earlier
        on
            results.account_id = earlier.account_id
            and comparisons.compared_with = earlier.snapshot_date
),

-- A trend is what the account did: a new policy is none of it, and moves no score that a person set.
final as (
    select
        compared.account_id,
        compared.snapshot_date,
        compared.compared_with,
        cast(case
            when new_policies.account_id is null or compared.is_set_by_a_person then compared.health_score_change
            when new_policies.is_known and compared.health_score_change is not null
                then least(greatest(compared.health_score_change - new_policies.change_of_configuration, -100), 100)
        end as decimal(5, 2)) as health_score_change
    from compared
    left join new_policies
        on compared.account_id = new_policies.account_id and compared.snapshot_date = new_policies.snapshot_date
)

select * from final
