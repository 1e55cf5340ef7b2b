{#-
  The points of every component that the profile of an account weighs: the body of a model with one row per account, snapshot and
  component. The index comes first, so no component can vanish: each has a status.
    not_applicable  the attribute named in applies_attribute is 0 or missing
    too_early       the evidence is below the minimum
    missing         there is no value
    stale           the value is older than maximum_age_days
    scored          points by the piecewise lines of seeds/policy/score_points.csv
  `relation` offers account_id, snapshot_date, profile and the attributes of the phase.
-#}
{% macro component_points(score_model, relation, phase) %}
with inputs as (
    select * from {{ relation }}
),

components as (
    select * from {{ ref('score_components') }}
    where score_model = '{{ score_model }}'
),

weights as (
    select * from {{ ref('score_weights') }}
),

-- Below the first line of a component the first line's points hold.
points as (
    select
        *,
        min(lower_bound) over (partition by component, valid_from) as scale_start
    from {{ ref('score_points') }}
),

indexed as (
    select
        inputs.account_id,
        inputs.snapshot_date,
        inputs.profile,
        components.component,
        components.component_group,
        components.maximum_age_days,
        components.minimum_evidence,
        components.applies_attribute,
        components.evidence_attribute,
        {{ number_attribute('components.attribute', 'inputs', phase) }} as raw_value,
        {{ number_attribute('components.applies_attribute', 'inputs', phase) }} as applies_value,
        {{ number_attribute('components.evidence_attribute', 'inputs', phase) }} as evidence_value,
        {{ number_attribute('components.age_attribute', 'inputs', phase) }} as age_value
    from inputs
    inner join weights
        on
            inputs.profile = weights.profile
            and {{ holds_on('weights', 'inputs.snapshot_date') }}
    inner join components
        on
            weights.component = components.component
            and {{ holds_on('components', 'inputs.snapshot_date') }}
),

judged as (
    select
        *,
        case
            when applies_attribute is not null and coalesce(applies_value, 0) = 0 then 'not_applicable'
            when raw_value is null and evidence_value is null then 'missing'
            when evidence_attribute is not null and coalesce(evidence_value, 0) < minimum_evidence then 'too_early'
            when raw_value is null then 'missing'
            when age_value > maximum_age_days then 'stale'
            else 'scored'
        end as status
    from indexed
),

final as (
    select
        judged.account_id,
        judged.snapshot_date,
        judged.profile,
        judged.component,
        judged.component_group,
        judged.raw_value,
        judged.status,
        cast(case
            when judged.status <> 'scored' then null
            when points.upper_bound is null then points.points_at_lower
            -- Both ends weighed and rounded once: rounding only what is added would lean to the first end.
            else
                {{ divide_exact(
                    'cast(100 * points.points_at_lower as integer) * (points.upper_bound - greatest(judged.raw_value, points.lower_bound))'
                    ~ ' + cast(100 * points.points_at_upper as integer) * (greatest(judged.raw_value, points.lower_bound) - points.lower_bound)',
                    '100 * (points.upper_bound - points.lower_bound)',
                    4
                ) }}
        end as decimal(7, 4)) as points
    from judged
    left join points
        on
            judged.component = points.component
            and {{ holds_on('points', 'judged.snapshot_date') }}
            and (judged.raw_value >= points.lower_bound or points.lower_bound = points.scale_start)
            and (points.upper_bound is null or judged.raw_value < points.upper_bound)
)

select * from final
{% endmacro %}

{#-
  Weights as they take effect: what is not scored hands its weight to the rest of its group, an empty group to the other groups.
  One row per row of `relation` (component_points); effective_weight sums to 1 over the scored components of an account.
-#}
{% macro component_weights(relation) %}
with points as (
    select * from {{ relation }}
),

group_weights as (
    select * from {{ ref('score_groups') }}
),

weights as (
    select * from {{ ref('score_weights') }}
),

weighted as (
    select
        points.*,
        group_weights.weight as group_weight,
        weights.weight as weight_in_group,
        cast(group_weights.weight * weights.weight as decimal(18, 4)) as policy_weight
    from points
    inner join group_weights
        on
            points.profile = group_weights.profile
            and points.component_group = group_weights.component_group
            and {{ holds_on('group_weights', 'points.snapshot_date') }}
    inner join weights
        on
            points.profile = weights.profile
            and points.component = weights.component
            and {{ holds_on('weights', 'points.snapshot_date') }}
),

groups_present as (
    select
        account_id,
        snapshot_date,
        component_group,
        max(group_weight) as group_weight,
        sum(weight_in_group) as scored_weight
    from weighted
    where status = 'scored'
    group by account_id, snapshot_date, component_group
),

totals as (
    select account_id, snapshot_date, sum(group_weight) as present_weight from groups_present
    group by account_id, snapshot_date
),

final as (
    select
        weighted.account_id,
        weighted.snapshot_date,
        weighted.profile,
        weighted.component,
        weighted.component_group,
        weighted.raw_value,
        weighted.status,
        weighted.points,
        weighted.group_weight,
        weighted.weight_in_group,
        weighted.policy_weight,
        cast(case
            when weighted.status = 'scored'
                then {{ divide_exact('weighted.policy_weight', 'cast(groups_present.scored_weight as decimal(12, 4)) * cast(totals.present_weight as decimal(12, 4))', 9) }}
        end as decimal(24, 9)) as effective_weight
    from weighted
    left join groups_present
        on
            weighted.account_id = groups_present.account_id
            and weighted.snapshot_date = groups_present.snapshot_date
            and weighted.component_group = groups_present.component_group
    left join totals
        on
            weighted.account_id = totals.account_id
            and weighted.snapshot_date = totals.snapshot_date
)

select * from final
{% endmacro %}

{#-
  The score of every account and snapshot of `relation` (component_weights): 0 to 100 at 2 decimals, null where nothing is scored,
  and coverage, the policy weight that had fresh data over all policy weight that applies, 0 to 1 at 4 decimals.
-#}
{% macro score_totals(relation) %}
with weighted as (
    select * from {{ relation }}
),

summed as (
    select
        account_id,
        snapshot_date,
        max(profile) as profile,
        cast(sum(cast(effective_weight as decimal(12, 9)) * points) as decimal(5, 2)) as score,
        sum(case when status = 'scored' then policy_weight else 0 end) as scored_weight,
        sum(case when status <> 'not_applicable' then policy_weight else 0 end) as applicable_weight,
        sum(case when status = 'scored' then 1 else 0 end) as components_scored,
        count(*) as components_total
    from weighted
    group by account_id, snapshot_date
),

final as (
    select
        account_id,
        snapshot_date,
        profile,
        score,
        cast(coalesce({{ divide_exact('scored_weight', 'applicable_weight', 4) }}, 0) as decimal(5, 4)) as coverage,
        components_scored,
        components_total
    from summed
)

select * from final
{% endmacro %}
