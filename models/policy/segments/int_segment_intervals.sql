with snapshots as (
    select * from {{ ref('int_segments_by_snapshot') }}
),

signed as (
    select
        *,
        segment || '|' || rule_id || '|' || candidate_segment || '|' || coalesce(held_by, '') || '|' || coalesce(override_id, '') || '|' || policy_version as signature
    from snapshots
),

-- A new interval starts when the answer or its reason changes.
compared as (
    select
        *,
        lag(signature) over (partition by account_id, segment_scheme order by snapshot_date) as previous_signature,
        lag(segment) over (partition by account_id, segment_scheme order by snapshot_date) as previous_segment
    from signed
),

starts as (
    select * from compared
    where previous_signature is null or previous_signature <> signature
),

windows as (
    select
        *,
        coalesce(
            lead(snapshot_date) over (partition by account_id, segment_scheme order by snapshot_date),
            died_on
        ) as valid_to,
        max(case when previous_segment is null or previous_segment <> segment then snapshot_date end) over (
            partition by account_id, segment_scheme order by snapshot_date
            rows between unbounded preceding and current row
        ) as segment_since
    from starts
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
