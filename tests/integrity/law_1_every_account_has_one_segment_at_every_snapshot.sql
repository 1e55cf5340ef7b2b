-- Asserts: at every snapshot of its life an account lies in exactly one interval of every scheme that is in force then, and in none of one that is not (law 1, total).
-- Looks at what this run worked out, and of all intervals at how they follow one another; law 4 has a test of all that is kept.
-- Matters: always; a gap hides an account from its owner, an overlap counts it twice, and a segment that outlives its scheme is an answer of no policy.
-- Resolve: look at fct_segment_assignments of the account; the intervals come from int_segments_by_snapshot and segment_schemes.
with snapshots as (
    select * from {{ ref('int_snapshots') }}
),

schemes as (
    select * from {{ ref('segment_schemes') }}
),

scheme_names as (
    select distinct segment_scheme from schemes
),

scheme_snapshots as (
    select
        scheme_names.segment_scheme,
        snapshots.snapshot_date,
        schemes.segment_scheme is not null as is_in_force
    from scheme_names
    cross join snapshots
    left join schemes
        on
            scheme_names.segment_scheme = schemes.segment_scheme
            and {{ holds_on('schemes', 'snapshots.snapshot_date') }}
),

snapshots_due as (
    select
        lives.account_id,
        schemes.segment_scheme,
        snapshots.snapshot_date
    from {{ ref('int_account_lives') }} as lives
    inner join snapshots
        on {{ holds_on('lives', 'snapshots.snapshot_date', 'born_on', 'died_on') }}
    inner join {{ ref('int_segment_rebuilds') }} as rebuilds
        on lives.account_id = rebuilds.account_id and snapshots.snapshot_date >= rebuilds.rebuild_from
    inner join schemes
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
),

-- Many accounts have the same, so that each is looked at once.
spans as (
    select
        segment_scheme,
        valid_from,
        valid_to,
        min(account_id) as account_id
    from {{ ref('fct_segment_assignments') }}
    group by segment_scheme, valid_from, valid_to
),

gaps as (
    select
        segment_scheme,
        valid_to,
        next_from,
        min(account_id) as account_id
    from followed
    where valid_to < next_from
    group by segment_scheme, valid_to, next_from
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
union all
select
    gaps.account_id,
    gaps.segment_scheme,
    scheme_snapshots.snapshot_date,
    'a gap while the scheme is in force' as found
from gaps
inner join scheme_snapshots
    on
        gaps.segment_scheme = scheme_snapshots.segment_scheme
        and scheme_snapshots.is_in_force
        and gaps.valid_to <= scheme_snapshots.snapshot_date
        and gaps.next_from > scheme_snapshots.snapshot_date
union all
select
    spans.account_id,
    spans.segment_scheme,
    scheme_snapshots.snapshot_date,
    'a segment of a scheme that is not in force' as found
from spans
inner join scheme_snapshots
    on
        spans.segment_scheme = scheme_snapshots.segment_scheme
        and not scheme_snapshots.is_in_force
        and {{ holds_on('spans', 'scheme_snapshots.snapshot_date') }}
