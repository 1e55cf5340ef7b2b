{{ config(materialized=accumulating(), incremental_strategy='rebuilds', unique_key=['account_id', 'segment_scheme', 'snapshot_date']) }}

with candidates as (
    select
        'touch_model' as segment_scheme,
        int_touch_model_candidates.*
    from {{ ref('int_touch_model_candidates') }} as int_touch_model_candidates
),

overrides as (
    select * from {{ ref('segment_overrides') }}
),

versions as (
    select * from {{ ref('policy_versions') }}
),

lives as (
    select * from {{ ref('int_account_lives') }}
),

final as (
    select
        candidates.account_id,
        candidates.segment_scheme,
        candidates.snapshot_date,
        coalesce(overrides.segment, candidates.outcome) as segment,
        candidates.outcome as candidate_segment,
        candidates.rule_id as candidate_rule_id,
        case when overrides.override_id is null then candidates.rule_id else 'override' end as rule_id,
        coalesce(overrides.reason, candidates.reason) as reason,
        overrides.override_id,
        overrides.author as override_author,
        overrides.ends_on as override_ends_on,
        versions.policy_version,
        lives.died_on
    from candidates
    inner join lives
        on candidates.account_id = lives.account_id
    left join overrides
        on
            candidates.account_id = overrides.account_id
            and candidates.segment_scheme = overrides.segment_scheme
            and {{ holds_on('overrides', 'candidates.snapshot_date', 'starts_on', 'ends_on') }}
    left join versions
        on {{ holds_on('versions', 'candidates.snapshot_date') }}
)

select * from final
