with intervals as (
    select * from {{ ref('int_segment_intervals') }}
),

chosen as (
    select
        account_id,
        segment_scheme,
        valid_from as snapshot_date,
        candidate_rule_id as rule_id
    from intervals
),

seen as (
    {{ rule_values_seen('chosen.segment_scheme', 'chosen', ref('int_policy_attributes'), 'segments') }}
),

final as (
    select
        intervals.account_id,
        intervals.segment_scheme,
        intervals.segment,
        intervals.valid_from,
        intervals.valid_to,
        intervals.segment_since,
        intervals.candidate_segment,
        intervals.held_by,
        intervals.rule_id,
        intervals.reason,
        seen.values_seen,
        intervals.override_id is not null as is_overridden,
        intervals.override_id,
        intervals.override_author,
        intervals.override_ends_on,
        intervals.policy_version
    from intervals
    left join seen
        on
            intervals.account_id = seen.account_id
            and intervals.segment_scheme = seen.rule_set
            and intervals.valid_from = seen.snapshot_date
)

select * from final
