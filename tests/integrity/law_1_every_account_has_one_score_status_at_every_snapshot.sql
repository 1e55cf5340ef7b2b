-- Asserts: fct_health_scores holds exactly the account snapshots that exist, and fct_health_score_components exactly the
-- components that the profile of each scored customer weighs, hard rules aside (law 1, total): nothing vanishes, nothing is invented.
-- Looks at what this run worked out; law 4 has a test of all that is kept.
-- Matters: always; a missing row would read as "no news" instead of "not scored, because".
-- Resolve: compare int_account_lives, int_health_profiles and seeds/policy/score_weights.csv for the account and date; after tables were
-- changed or dropped by hand, run dbt build --full-refresh.
with account_snapshots as (
    select
        lives.account_id,
        snapshots.snapshot_date
    from {{ ref('int_account_lives') }} as lives
    inner join {{ ref('int_snapshots') }} as snapshots
        on {{ holds_on('lives', 'snapshots.snapshot_date', 'born_on', 'died_on') }}
    inner join {{ ref('int_rebuilds') }} as rebuilds
        on lives.account_id = rebuilds.account_id and snapshots.snapshot_date >= rebuilds.rebuild_from
),

scores as (
    select * from {{ rows_worked_out(ref('fct_health_scores')) }} as worked_out
),

components as (
    select
        account_id,
        snapshot_date,
        count(*) as component_rows
    from {{ rows_worked_out(ref('fct_health_score_components')) }} as worked_out
    where status <> 'limit'
    group by account_id, snapshot_date
),

weights as (
    select * from {{ ref('score_weights') }}
),

expected as (
    select
        account_snapshots.account_id,
        account_snapshots.snapshot_date,
        count(weights.component) as component_rows
    from account_snapshots
    left join scores as profiles
        on account_snapshots.account_id = profiles.account_id and account_snapshots.snapshot_date = profiles.snapshot_date
    left join weights
        on
            profiles.profile = weights.profile
            and {{ holds_on('weights', 'account_snapshots.snapshot_date') }}
    group by account_snapshots.account_id, account_snapshots.snapshot_date
)

select
    coalesce(expected.account_id, scores.account_id) as account_id,
    coalesce(expected.snapshot_date, scores.snapshot_date) as snapshot_date,
    expected.component_rows as expected_components,
    components.component_rows as found_components
from expected
full outer join scores
    on expected.account_id = scores.account_id and expected.snapshot_date = scores.snapshot_date
left join components
    on expected.account_id = components.account_id and expected.snapshot_date = components.snapshot_date
where
    expected.account_id is null
    or scores.account_id is null
    or expected.component_rows <> coalesce(components.component_rows, 0)
