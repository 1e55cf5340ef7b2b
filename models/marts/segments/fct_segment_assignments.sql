with schemes as (
    select * from {{ ref('segment_schemes') }}
),

-- A scheme may be decided by a rule set of any name, and several by one.
intervals as (
    select
        intervals.*,
        schemes.rule_set
    from {{ ref('int_segment_intervals') }} as intervals
    left join schemes
        on
            intervals.segment_scheme = schemes.segment_scheme
            and {{ holds_on('schemes', 'intervals.valid_from') }}
),

chosen as (
    select
        account_id,
        rule_set,
        valid_from as snapshot_date,
        candidate_rule_id as rule_id
    from intervals
),

seen as (
    {{ rule_values_seen('chosen.rule_set', 'chosen', ref('int_policy_attributes'), 'segments') }}
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
            and intervals.valid_from = seen.snapshot_date
            and intervals.rule_set = seen.rule_set
            and intervals.candidate_rule_id = seen.rule_id
)

select * from final
