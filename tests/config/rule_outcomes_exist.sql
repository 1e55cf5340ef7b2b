-- Asserts: at each version every rule, and the default of every rule set, leads to a segment, stage or health profile that exists.
-- Matters: an account whose outcome does not exist falls out of every join with its segment, stage or weights.
-- Resolve: correct `outcome` in rules.csv or `default_outcome` in rule_sets.csv, or add what it names.
with versions as (
    select * from {{ ref('policy_versions') }}
),

rule_sets as (
    select * from {{ ref('rule_sets') }}
),

rules as (
    select * from {{ ref('rules') }}
),

segment_schemes as (
    select * from {{ ref('segment_schemes') }}
),

segments as (
    select * from {{ ref('segments') }}
),

stages as (
    select * from {{ ref('stages') }}
),

profiles as (
    select * from {{ ref('score_profiles') }}
),

known_outcomes as (
    select
        segment_schemes.rule_set,
        segments.segment as outcome,
        segments.valid_from,
        segments.valid_to
    from segments
    inner join segment_schemes
        on segments.segment_scheme = segment_schemes.segment_scheme
    union all
    select
        'journey_stage' as rule_set,
        stage as outcome,
        valid_from,
        valid_to
    from stages
    union all
    select
        'health_profile' as rule_set,
        profile as outcome,
        valid_from,
        valid_to
    from profiles
    where score_model = 'health'
    union all
    select
        'health_profile' as rule_set,
        'not_scored' as outcome,
        valid_from,
        valid_to
    from rule_sets
    where rule_set = 'health_profile'
    {%- for outcome in ['due', 'rest'] %}
    union all
    select
        rule_set,
        '{{ outcome }}' as outcome,
        valid_from,
        valid_to
    from {{ ref('plays') }}
    {%- endfor %}
),

-- A rule set that outlives its scheme or play leads nobody anywhere.
evaluated as (
    select
        rule_set,
        valid_from,
        valid_to
    from segment_schemes
    union all
    select
        rule_set,
        valid_from,
        valid_to
    from rule_sets
    where rule_set in ('journey_stage', 'health_profile')
    union all
    select
        rule_set,
        valid_from,
        valid_to
    from {{ ref('plays') }}
),

used_outcomes as (
    select
        rule_set,
        rule_id,
        outcome,
        valid_from,
        valid_to
    from rules
    union all
    select
        rule_set,
        'default' as rule_id,
        default_outcome as outcome,
        valid_from,
        valid_to
    from rule_sets
),

final as (
    select distinct
        versions.policy_version,
        used_outcomes.rule_set,
        used_outcomes.rule_id,
        used_outcomes.outcome
    from versions
    inner join used_outcomes
        on {{ holds_on('used_outcomes', 'versions.valid_from') }}
    inner join evaluated
        on
            used_outcomes.rule_set = evaluated.rule_set
            and {{ holds_on('evaluated', 'versions.valid_from') }}
    left join known_outcomes
        on
            used_outcomes.rule_set = known_outcomes.rule_set
            and used_outcomes.outcome = known_outcomes.outcome
            and {{ holds_on('known_outcomes', 'versions.valid_from') }}
    where known_outcomes.outcome is null
)

select * from final
