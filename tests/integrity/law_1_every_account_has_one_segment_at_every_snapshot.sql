-- Asserts: at every snapshot of its life an account lies in exactly one interval of every scheme (law 1, total).
-- Looks at what this run worked out; law 4 has a test of all that is kept.
-- Matters: always; a gap hides an account from its owner, an overlap counts it twice.
-- Resolve: look at fct_segment_assignments of the account; the intervals come from int_segments_by_snapshot.
with account_snapshots as (
    select
        lives.account_id,
        snapshots.snapshot_date
    from {{ ref('int_account_lives') }} as lives
    inner join {{ ref('int_snapshots') }} as snapshots
        on {{ holds_on('lives', 'snapshots.snapshot_date', 'born_on', 'died_on') }}
    inner join {{ ref('int_segment_rebuilds') }} as rebuilds
        on lives.account_id = rebuilds.account_id and snapshots.snapshot_date >= rebuilds.rebuild_from
),

schemes as (
    select * from {{ ref('segment_schemes') }}
),

assignments as (
    select * from {{ ref('fct_segment_assignments') }}
)

select
    account_snapshots.account_id,
    account_snapshots.snapshot_date,
    schemes.segment_scheme,
    count(assignments.segment) as intervals
from account_snapshots
inner join schemes
    on {{ holds_on('schemes', 'account_snapshots.snapshot_date') }}
left join assignments
    on
        account_snapshots.account_id = assignments.account_id
        and schemes.segment_scheme = assignments.segment_scheme
        and {{ holds_on('assignments', 'account_snapshots.snapshot_date') }}
group by account_snapshots.account_id, account_snapshots.snapshot_date, schemes.segment_scheme
having count(assignments.segment) <> 1
