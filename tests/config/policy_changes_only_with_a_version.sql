-- Asserts: every policy row names a version that exists; it begins with that version and ends, if it does, where another begins.
-- Matters: a change without a version of its own could not be told from a change in the customers; the other tests of this
--   folder look at the policy on the first day of each version only.
-- Resolve: correct the date or the version named; for a change, add a version to policy_versions.csv.
{%- set with_version = [
    'attributes', 'band_sets', 'bands', 'rule_sets', 'rules', 'rule_conditions', 'score_profiles', 'score_groups',
    'score_components', 'score_weights', 'score_points', 'segment_schemes', 'segments', 'segment_stability', 'segment_margins', 'segment_crosswalks', 'stages', 'match_methods', 'parameters',
    'milestones', 'plays', 'efforts', 'friction_windows', 'score_limits',
] %}
{%- set with_own_dates = ['currency_rates', 'brands', 'churn_risk_coefficients'] %}
{%- set overrides = ['segment_overrides', 'health_overrides'] %}
with versions as (
    select * from {{ ref('policy_versions') }}
),

policy_rows as (
    {%- for seed in with_version %}
    select
        '{{ seed }}' as seed,
        policy_version,
        valid_from,
        valid_to,
        1 as follows_versions
    from {{ ref(seed) }}
    union all
    {%- endfor %}
    {%- for seed in with_own_dates %}
    select
        '{{ seed }}' as seed,
        policy_version,
        valid_from,
        valid_to,
        0 as follows_versions
    from {{ ref(seed) }}
    union all
    {%- endfor %}
    select
        'csm_pulses' as seed,
        policy_version,
        given_on as valid_from,
        expires_on as valid_to,
        0 as follows_versions
    from {{ ref('csm_pulses') }}
    union all
    {%- for seed in overrides %}
    select
        '{{ seed }}' as seed,
        policy_version,
        starts_on as valid_from,
        ends_on as valid_to,
        0 as follows_versions
    from {{ ref(seed) }}
    {{- " union all" if not loop.last }}
    {%- endfor %}
),

final as (
    select distinct policy_rows.*
    from policy_rows
    left join versions
        on policy_rows.policy_version = versions.policy_version
    left join versions as ending
        on policy_rows.valid_to = ending.valid_from
    where
        versions.policy_version is null
        or policy_rows.valid_to <= policy_rows.valid_from
        or (policy_rows.follows_versions = 1 and policy_rows.valid_from <> versions.valid_from)
        or (policy_rows.follows_versions = 1 and policy_rows.valid_to is not null and ending.policy_version is null)
)

select * from final
