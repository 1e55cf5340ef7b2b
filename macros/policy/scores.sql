{#-
  The points of every component that the profile of an account weighs: the body of a model with one row per account, snapshot and
  component. The index comes first, so no component can vanish: each has a status.
    not_applicable  the attribute named in applies_attribute is 0 or missing
    too_early       the evidence is below the minimum
    missing         there is no value, of the attribute, of what it is divided by, or of what chooses the curve
    stale           the value is older than maximum_age_days
    too_few_peers   the component is judged among peers, and there are fewer than minimum_peers
    scored          points by the piecewise lines of seeds/policy/score_points.csv; where a component names threshold_attribute, its
                    value chooses the curve (threshold_from to before threshold_to)
  `relation` offers account_id, snapshot_date, profile and the attributes of the phase.
  `percentiles` (rows of int_peer_percentiles, of one question): where a component names peer_scheme, the points are those of the percentile
  among its peers; without it no component is judged so. only_among_peers: components judged so, and no others.
  Components are bits of one number (component_bit), so that what is scored of an account is one number too.
-#}
{% macro component_points(score_model, relation, phase, percentiles=none, only_among_peers=false) %}
with inputs as (
    select * from {{ relation }}
),

components as (
    {%- if only_among_peers %}
    select * from (
    {%- endif %}
    {{ numbered_components(score_model) }}
    {%- if only_among_peers %}
    ) as all_components
    where peer_scheme is not null
    {%- endif %}
),
{%- if percentiles is not none %}

percentiles as (
    select * from {{ percentiles }}
),
{%- endif %}

weights as (
    select * from {{ ref('score_weights') }}
),

-- Below the first line of a component the first line's points hold.
points as (
    select
        *,
        min(lower_bound) over (partition by component, threshold_from, valid_from) as scale_start
    from {{ ref('score_points') }}
),

indexed as (
    select
        inputs.account_id,
        inputs.snapshot_date,
        inputs.profile,
        components.component,
        components.component_group,
        components.component_number,
        components.component_bit,
        {{ component_facts(phase) }}
    from inputs
    cross join components
),

weighed as (
    select
        indexed.*,
        {{ component_status('indexed') }} as status_of_value
    from indexed
    inner join weights
        on
            indexed.profile = weights.profile
            and indexed.component = weights.component
            and {{ holds_on('weights', 'indexed.snapshot_date') }}
            and {{ holds_on('indexed', 'indexed.snapshot_date') }}
),

judged as (
    select
        weighed.*,
        {%- if percentiles is not none %}
        percentiles.percentile,
        percentiles.peers,
        percentiles.peer_segment,
        cast(case when weighed.peer_scheme is null then weighed.raw_value else percentiles.percentile end as decimal(18, 4)) as judged_value,
        case when weighed.status_of_value = 'scored' and weighed.peer_scheme is not null and percentiles.percentile is null then 'too_few_peers' else weighed.status_of_value end as status
        {%- else %}
        weighed.raw_value as judged_value,
        weighed.status_of_value as status
        {%- endif %}
    from weighed
    {%- if percentiles is not none %}
    left join percentiles
        on
            weighed.account_id = percentiles.account_id
            and weighed.snapshot_date = percentiles.judged_on
            and weighed.component = percentiles.component
    {%- endif %}
),

final as (
    select
        judged.account_id,
        judged.snapshot_date,
        judged.profile,
        judged.component,
        judged.component_group,
        judged.component_number,
        judged.component_bit,
        judged.raw_value,
        judged.status,
        {%- if percentiles is not none %}
        judged.percentile,
        judged.peers,
        judged.peer_segment,
        {%- endif %}
        cast(case
            when judged.status <> 'scored' then null
            when points.upper_bound is null then points.points_at_lower
            -- Both ends weighed and rounded once: rounding only what is added would lean to the first end.
            else
                {{ divide_exact(
                    'cast(100 * points.points_at_lower as integer) * (points.upper_bound - greatest(judged.judged_value, points.lower_bound))'
                    ~ ' + cast(100 * points.points_at_upper as integer) * (greatest(judged.judged_value, points.lower_bound) - points.lower_bound)',
                    '100 * (points.upper_bound - points.lower_bound)',
                    4
                ) }}
        end as decimal(7, 4)) as points
    from judged
    left join points
        on
            judged.component = points.component
            and {{ holds_on('points', 'judged.snapshot_date') }}
            and (judged.judged_value >= points.lower_bound or points.lower_bound = points.scale_start)
            and (points.upper_bound is null or judged.judged_value < points.upper_bound)
            and (points.threshold_from is null or judged.threshold_value >= points.threshold_from)
            and (points.threshold_to is null or judged.threshold_value < points.threshold_to)
)

select * from final
{% endmacro %}

{#-
  What is scored of every account and snapshot of `relation` (component_points), as sets of components: scored_set, and
  applicable_set, which holds every component but those that do not apply.
-#}
{% macro component_sets(relation) %}
with points as (
    select * from {{ relation }}
),

final as (
    select
        account_id,
        snapshot_date,
        max(profile) as profile,
        bit_or(case when status = 'scored' then component_bit else 0 end) as scored_set,
        bit_or(case when status <> 'not_applicable' then component_bit else 0 end) as applicable_set,
        cast(sum(case when status = 'scored' then 1 else 0 end) as integer) as components_scored,
        cast(count(*) as integer) as components_total
    from points
    group by account_id, snapshot_date
)

select * from final
{% endmacro %}

{#-
  Weights as they take effect: what is not scored hands its weight to the rest of its group, an empty group to the other groups.
  They depend on what is scored and on nothing else, so they are worked out once for each set of components that occurs in
  `relation` (component_sets): one row per snapshot, profile, set and component. effective_weight sums to 1 over the scored ones;
  coverage is the policy weight that had fresh data over all policy weight that applies, 0 to 1 at 4 decimals.
-#}
{% macro component_weights(score_model, relation) %}
with sets as (
    select distinct
        snapshot_date,
        profile,
        scored_set,
        applicable_set
    from {{ relation }}
),

components as (
    {{ numbered_components(score_model) }}
),

group_weights as (
    select * from {{ ref('score_groups') }}
),

weights as (
    select * from {{ ref('score_weights') }}
),

weighted as (
    select
        sets.*,
        components.component,
        components.component_group,
        components.component_number,
        group_weights.weight as group_weight,
        weights.weight as weight_in_group,
        cast(group_weights.weight * weights.weight as decimal(18, 4)) as policy_weight,
        (sets.scored_set & components.component_bit) > 0 as is_scored,
        (sets.applicable_set & components.component_bit) > 0 as is_applicable
    from sets
    inner join components
        on {{ holds_on('components', 'sets.snapshot_date') }}
    inner join weights
        on
            sets.profile = weights.profile
            and components.component = weights.component
            and {{ holds_on('weights', 'sets.snapshot_date') }}
    inner join group_weights
        on
            sets.profile = group_weights.profile
            and components.component_group = group_weights.component_group
            and {{ holds_on('group_weights', 'sets.snapshot_date') }}
),

groups_present as (
    select
        snapshot_date,
        profile,
        scored_set,
        applicable_set,
        component_group,
        max(group_weight) as group_weight,
        sum(weight_in_group) as scored_weight
    from weighted
    where is_scored
    group by snapshot_date, profile, scored_set, applicable_set, component_group
),

totals as (
    select
        snapshot_date,
        profile,
        scored_set,
        applicable_set,
        sum(group_weight) as present_weight
    from groups_present
    group by snapshot_date, profile, scored_set, applicable_set
),

covered as (
    select
        snapshot_date,
        profile,
        scored_set,
        applicable_set,
        sum(case when is_scored then policy_weight else 0 end) as scored_policy_weight,
        sum(case when is_applicable then policy_weight else 0 end) as applicable_policy_weight
    from weighted
    group by snapshot_date, profile, scored_set, applicable_set
),

final as (
    select
        weighted.snapshot_date,
        weighted.profile,
        weighted.scored_set,
        weighted.applicable_set,
        weighted.component,
        weighted.component_group,
        weighted.component_number,
        weighted.policy_weight,
        cast(case
            when weighted.is_scored
                then {{ divide_exact('weighted.policy_weight', 'cast(groups_present.scored_weight as decimal(12, 4)) * cast(totals.present_weight as decimal(12, 4))', 9) }}
        end as decimal(12, 9)) as effective_weight,
        cast(coalesce({{ divide_exact('covered.scored_policy_weight', 'covered.applicable_policy_weight', 4) }}, 0) as decimal(5, 4)) as coverage
    from weighted
    inner join covered
        on
            weighted.snapshot_date = covered.snapshot_date
            and weighted.profile = covered.profile
            and weighted.scored_set = covered.scored_set
            and weighted.applicable_set = covered.applicable_set
    left join totals
        on
            weighted.snapshot_date = totals.snapshot_date
            and weighted.profile = totals.profile
            and weighted.scored_set = totals.scored_set
            and weighted.applicable_set = totals.applicable_set
    left join groups_present
        on
            weighted.snapshot_date = groups_present.snapshot_date
            and weighted.profile = groups_present.profile
            and weighted.scored_set = groups_present.scored_set
            and weighted.applicable_set = groups_present.applicable_set
            and weighted.component_group = groups_present.component_group
)

select * from final
{% endmacro %}

{#-
  The score of every account and snapshot: 0 to 100 at 2 decimals, null where nothing is scored. The parts of a score are rounded
  too; left_over is what their sum lacks, and goes to the largest part (leftover_component: its number, the first of equals).
  points, sets, weights: component_points, component_sets, component_weights of one score model.
-#}
{% macro score_totals(points, sets, weights) %}
with points as (
    select * from {{ points }}
    where status = 'scored'
),

sets as (
    select * from {{ sets }}
),

weights as (
    select * from {{ weights }}
),

coverages as (
    select distinct
        snapshot_date,
        profile,
        scored_set,
        applicable_set,
        coverage
    from weights
),

parts as (
    select
        points.account_id,
        points.snapshot_date,
        points.component_number,
        weights.effective_weight * points.points as part,
        {{ contribution('weights.effective_weight', 'points.points') }} as contribution
    from points
    inner join sets
        on points.account_id = sets.account_id and points.snapshot_date = sets.snapshot_date
    inner join weights
        on
            sets.snapshot_date = weights.snapshot_date
            and sets.profile = weights.profile
            and sets.scored_set = weights.scored_set
            and sets.applicable_set = weights.applicable_set
            and points.component_number = weights.component_number
),

-- The largest part and, of equals, the first component, in one number: hundredths × 64 and what the number of the component lacks to 63.
summed as (
    select
        account_id,
        snapshot_date,
        cast(sum(part) as decimal(5, 2)) as score,
        sum(contribution) as contributions,
        max(cast(100 * contribution as bigint) * 64 + 63 - component_number) as largest
    from parts
    group by account_id, snapshot_date
),

final as (
    select
        sets.account_id,
        sets.snapshot_date,
        sets.profile,
        sets.scored_set,
        sets.applicable_set,
        summed.score,
        cast(summed.score - summed.contributions as decimal(5, 2)) as left_over,
        cast(63 - mod(summed.largest, 64) as integer) as leftover_component,
        coverages.coverage,
        sets.components_scored,
        sets.components_total
    from sets
    inner join coverages
        on
            sets.snapshot_date = coverages.snapshot_date
            and sets.profile = coverages.profile
            and sets.scored_set = coverages.scored_set
            and sets.applicable_set = coverages.applicable_set
    left join summed
        on sets.account_id = summed.account_id and sets.snapshot_date = summed.snapshot_date
)

select * from final
{% endmacro %}

{#- What a component adds to the score, at 2 decimals. -#}
{% macro contribution(weight, points) -%}
    cast({{ weight }} * {{ points }} as decimal(5, 2))
{%- endmacro %}

{#- The components of a score model, each with its number (by name, at most 62) and the bit of that number. -#}
{% macro numbered_components(score_model) -%}
    select
        numbered.*,
        {{ bit_at('component_number') }} as component_bit
    from (
        select
            *,
            cast(dense_rank() over (order by {{ binary_order('component') }}) as integer) as component_number
        from {{ ref('score_components') }}
        where score_model = '{{ score_model }}'
    ) as numbered
{%- endmacro %}

{#-
  What a component looks at, as columns of a select: `inputs` offers the attributes of the phase, `components` the rows of
  seeds/policy/score_components.csv.
-#}
{% macro component_facts(phase) -%}
components.maximum_age_days,
        components.minimum_evidence,
        components.applies_attribute,
        components.evidence_attribute,
        components.threshold_attribute,
        components.peer_scheme,
        components.valid_from,
        components.valid_to,
        cast(case
            when components.per_attribute is null then {{ number_attribute('components.attribute', 'inputs', phase) }}
            else {{ divide_exact(number_attribute('components.attribute', 'inputs', phase), number_attribute('components.per_attribute', 'inputs', phase), 4) }}
        end as decimal(18, 4)) as raw_value,
        case when components.threshold_attribute is not null then {{ number_attribute('components.threshold_attribute', 'inputs', phase) }} end as threshold_value,
        {{ number_attribute('components.applies_attribute', 'inputs', phase) }} as applies_value,
        {{ number_attribute('components.evidence_attribute', 'inputs', phase) }} as evidence_value,
        {{ number_attribute('components.age_attribute', 'inputs', phase) }} as age_value
{%- endmacro %}

{#- Whether the value of a component counts, by component_facts. -#}
{% macro component_status(facts) -%}
    case
        when {{ facts }}.applies_attribute is not null and coalesce({{ facts }}.applies_value, 0) = 0 then 'not_applicable'
        when {{ facts }}.raw_value is null and {{ facts }}.evidence_value is null then 'missing'
        when {{ facts }}.evidence_attribute is not null and coalesce({{ facts }}.evidence_value, 0) < {{ facts }}.minimum_evidence then 'too_early'
        when {{ facts }}.raw_value is null or ({{ facts }}.threshold_attribute is not null and {{ facts }}.threshold_value is null) then 'missing'
        when {{ facts }}.age_value > {{ facts }}.maximum_age_days then 'stale'
        else 'scored'
    end
{%- endmacro %}
