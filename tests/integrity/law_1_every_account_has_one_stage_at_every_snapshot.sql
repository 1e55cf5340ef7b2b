-- Asserts: at every snapshot of its life an account is in exactly one visit of fct_journey_stages (law 1, total).
-- Looks at what this run worked out; law 4 has a test of all that is kept.
-- Matters: always; days in stage and transitions rest on it.
-- Resolve: look at the visits of the account; they come from int_stage_visits.
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

visits as (
    select * from {{ ref('fct_journey_stages') }}
)

select
    account_snapshots.account_id,
    account_snapshots.snapshot_date,
    count(visits.stage) as visits
from account_snapshots
left join visits
    on
        account_snapshots.account_id = visits.account_id
        and {{ holds_on('visits', 'account_snapshots.snapshot_date', 'entered_on', 'exited_on') }}
group by account_snapshots.account_id, account_snapshots.snapshot_date
having count(visits.stage) <> 1
