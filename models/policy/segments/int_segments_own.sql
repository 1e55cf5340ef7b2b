{{ config(materialized='incremental', incremental_strategy='rebuilds', unique_key=['account_id', 'segment_scheme', 'snapshot_date'], partition_by=snapshot_partition()) }}

with candidates as (
    select * from {{ rows_worked_out(ref('int_segment_candidates')) }} as worked_out
),

tenures as (
    select * from {{ ref('int_segment_tenures') }}
),

segments as (
    select * from {{ ref('segments') }}
    where segment_rank is not null
),

overrides as (
    select * from {{ ref('segment_overrides') }}
),

versions as (
    select * from {{ ref('policy_versions') }}
),

-- Where nothing wavers, the candidate is the segment.
steadied as (
    select
        candidates.*,
        coalesce(segments.segment, candidates.outcome) as steady_segment,
        case
            when tenures.effective_rank = tenures.segment_rank then null
            when tenures.effective_rank <> tenures.settled_rank then 'minimum_tenure'
            when tenures.settled_rank <> tenures.confirmed_rank then 'period_start'
            else tenures.waits_for
        end as held_by
    from candidates
    left join tenures
        on
            candidates.account_id = tenures.account_id
            and candidates.segment_scheme = tenures.segment_scheme
            and candidates.snapshot_date = tenures.snapshot_date
    left join segments
        on
            candidates.segment_scheme = segments.segment_scheme
            and tenures.effective_rank = segments.segment_rank
            and {{ holds_on('segments', 'candidates.snapshot_date') }}
),

final as (
    select
        steadied.account_id,
        steadied.segment_scheme,
        steadied.snapshot_date,
        coalesce(overrides.segment, steadied.steady_segment) as segment,
        steadied.outcome as candidate_segment,
        case when overrides.segment <> steadied.outcome then 'override' when overrides.segment is null then steadied.held_by end as held_by,
        steadied.rule_id as candidate_rule_id,
        case
            when overrides.override_id is not null then 'override'
            when steadied.held_by is not null then 'held'
            else steadied.rule_id
        end as rule_id,
        case
            when overrides.reason is not null then overrides.reason
            when steadied.held_by = 'minimum_tenure' then 'Stays for its minimum tenure; the rules say otherwise: ' || steadied.reason
            when steadied.held_by = 'period_start' then 'Stays until the next period starts; the rules say otherwise: ' || steadied.reason
            when steadied.held_by = 'margin' then 'Stays until the edge is passed by its margin; the rules say otherwise: ' || steadied.reason
            when steadied.held_by = 'confirmation' then 'Stays until the change is confirmed; the rules say otherwise: ' || steadied.reason
            else steadied.reason
        end as reason,
        overrides.override_id,
        overrides.author as override_author,
        overrides.ends_on as override_ends_on,
        versions.policy_version
    from steadied
    left join overrides
        on
            steadied.account_id = overrides.account_id
            and steadied.segment_scheme = overrides.segment_scheme
            and {{ holds_on('overrides', 'steadied.snapshot_date', 'starts_on', 'ends_on') }}
    left join versions
        on {{ holds_on('versions', 'steadied.snapshot_date') }}
)

select * from final
