with starts as (
    select * from {{ ref('int_segment_starts') }}
),

lives as (
    select * from {{ ref('int_account_lives') }}
),

snapshots as (
    select * from {{ ref('int_snapshots') }}
),

schemes as (
    select * from {{ ref('segment_schemes') }}
),

scheme_names as (
    select distinct segment_scheme from schemes
),

-- Who has no candidate any more has no next start either: of each snapshot, the first one from then on at which the scheme is not in force.
scheme_ends as (
    select
        scheme_names.segment_scheme,
        snapshots.snapshot_date,
        min(case when schemes.segment_scheme is null then snapshots.snapshot_date end) over (
            partition by scheme_names.segment_scheme order by snapshots.snapshot_date
            rows between current row and unbounded following
        ) as ended_on
    from scheme_names
    cross join snapshots
    left join schemes
        on
            scheme_names.segment_scheme = schemes.segment_scheme
            and {{ holds_on('schemes', 'snapshots.snapshot_date') }}
),

compared as (
    select
        starts.*,
        scheme_ends.ended_on,
        lag(starts.segment) over (partition by starts.account_id, starts.segment_scheme order by starts.snapshot_date) as previous_segment,
        lag(scheme_ends.ended_on) over (partition by starts.account_id, starts.segment_scheme order by starts.snapshot_date) as previous_ended_on,
        lead(starts.snapshot_date) over (partition by starts.account_id, starts.segment_scheme order by starts.snapshot_date) as next_start_on
    from starts
    left join scheme_ends
        on
            starts.segment_scheme = scheme_ends.segment_scheme
            and starts.snapshot_date = scheme_ends.snapshot_date
),

-- A scheme that is taken up again begins a new stay.
windows as (
    select
        compared.*,
        {{ earlier_end('coalesce(compared.next_start_on, lives.died_on)', 'compared.ended_on') }} as valid_to,
        max(case
            when compared.previous_segment is null or compared.previous_segment <> compared.segment or compared.previous_ended_on < compared.snapshot_date
                then compared.snapshot_date
        end) over (
            partition by compared.account_id, compared.segment_scheme order by compared.snapshot_date
            rows between unbounded preceding and current row
        ) as segment_since
    from compared
    inner join lives
        on compared.account_id = lives.account_id
),

final as (
    select
        account_id,
        segment_scheme,
        snapshot_date as valid_from,
        case when valid_to <= {{ as_of_date() }} then valid_to end as valid_to,
        segment,
        segment_since,
        candidate_segment,
        held_by,
        candidate_rule_id,
        rule_id,
        reason,
        override_id,
        override_author,
        override_ends_on,
        policy_version
    from windows
)

select * from final
