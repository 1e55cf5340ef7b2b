-- Asserts: at every snapshot of its life an account lies in exactly one interval of every scheme (law 1, total).
-- Looks at what this run worked out; law 4 has a test of all that is kept.
-- Matters: always; a gap hides an account from its owner, an overlap counts it twice.
-- Resolve: look at fct_segment_assignments of the account; the intervals come from int_segments_by_snapshot.
with snapshots_due as (
    select
        lives.account_id,
        schemes.segment_scheme,
        snapshots.snapshot_date
    from {{ ref('int_account_lives') }} as lives
    inner join {{ ref('int_snapshots') }} as snapshots
        on {{ holds_on('lives', 'snapshots.snapshot_date', 'born_on', 'died_on') }}
    inner join {{ ref('int_segment_rebuilds') }} as rebuilds
        on lives.account_id = rebuilds.account_id and snapshots.snapshot_date >= rebuilds.rebuild_from
    inner join {{ ref('segment_schemes') }} as schemes
        on {{ holds_on('schemes', 'snapshots.snapshot_date') }}
),

assignments as (
    select * from {{ ref('fct_segment_assignments') }}
),

followed as (
    select
        account_id,
        segment_scheme,
        valid_to,
        lead(valid_from) over (partition by account_id, segment_scheme order by valid_from) as next_from
    from {{ ref('fct_segment_assignments') }}
)

select
    snapshots_due.account_id,
    snapshots_due.segment_scheme,
    snapshots_due.snapshot_date,
    'no segment' as found
from snapshots_due
left join assignments
    on
        snapshots_due.account_id = assignments.account_id
        and snapshots_due.segment_scheme = assignments.segment_scheme
        and {{ holds_on('assignments', 'snapshots_due.snapshot_date') }}
where assignments.account_id is null
union all
select
    account_id,
    segment_scheme,
    next_from as snapshot_date,
    'two segments' as found
from followed
where next_from is not null and (valid_to is null or next_from < valid_to)
