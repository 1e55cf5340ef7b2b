{#-
  Ordered rules, first match, a default: the body of a model with one row per account and snapshot of `relation`.
  A rule matches when all its conditions hold: a number in [lower_bound, upper_bound), a text equal to text_value. An attribute
  that is missing matches nothing. Gives outcome, rule_id, reason and values_seen (what the matching rule looked at).
-#}
{% macro evaluate_rules(rule_set, relation, phase) %}
with inputs as (
    select * from {{ relation }}
),

rule_sets as (
    select * from {{ ref('rule_sets') }}
    where rule_set = '{{ rule_set }}'
),

rules as (
    select * from {{ ref('rules') }}
    where rule_set = '{{ rule_set }}'
),

conditions as (
    select * from {{ ref('rule_conditions') }}
    where rule_set = '{{ rule_set }}'
),

matched as (
    select
        inputs.account_id,
        inputs.snapshot_date,
        rules.rule_id,
        rules.rule_order,
        rules.outcome,
        rules.description
    from inputs
    inner join rules
        on {{ holds_on('rules', 'inputs.snapshot_date') }}
    left join conditions
        on
            rules.rule_id = conditions.rule_id
            and {{ holds_on('conditions', 'inputs.snapshot_date') }}
    group by
        inputs.account_id, inputs.snapshot_date, rules.rule_id, rules.rule_order, rules.outcome, rules.description
    having
        sum(
            case
                when conditions.rule_id is null then 0
                when conditions.text_value is not null
                    then case when {{ text_attribute('conditions.attribute', 'inputs', phase) }} = conditions.text_value then 0 else 1 end
                when
                    {{ number_attribute('conditions.attribute', 'inputs', phase) }} >= coalesce(conditions.lower_bound, {{ number_attribute('conditions.attribute', 'inputs', phase) }})
                    and (conditions.upper_bound is null or {{ number_attribute('conditions.attribute', 'inputs', phase) }} < conditions.upper_bound)
                    then 0
                else 1
            end
        ) = 0
),

ranked as (
    select
        *,
        row_number() over (partition by account_id, snapshot_date order by rule_order, {{ binary_order('rule_id') }}) as preference
    from matched
),

chosen as (
    select * from ranked
    where preference = 1
),

seen as (
    select
        chosen.account_id,
        chosen.snapshot_date,
        {{ dbt.listagg(
            "conditions.attribute || ' = ' || coalesce(" ~ text_attribute('conditions.attribute', 'inputs', phase) ~ ", "
            ~ plain_number(number_attribute('conditions.attribute', 'inputs', phase)) ~ ")",
            "', '",
            "order by " ~ binary_order("conditions.attribute")
        ) }} as values_seen
    from chosen
    inner join inputs
        on chosen.account_id = inputs.account_id and chosen.snapshot_date = inputs.snapshot_date
    inner join conditions
        on
            chosen.rule_id = conditions.rule_id
            and {{ holds_on('conditions', 'chosen.snapshot_date') }}
    group by chosen.account_id, chosen.snapshot_date
),

final as (
    select
        inputs.account_id,
        inputs.snapshot_date,
        coalesce(chosen.outcome, rule_sets.default_outcome) as outcome,
        coalesce(chosen.rule_id, 'default') as rule_id,
        coalesce(chosen.description, rule_sets.default_reason) as reason,
        seen.values_seen
    from inputs
    left join rule_sets
        on {{ holds_on('rule_sets', 'inputs.snapshot_date') }}
    left join chosen
        on inputs.account_id = chosen.account_id and inputs.snapshot_date = chosen.snapshot_date
    left join seen
        on inputs.account_id = seen.account_id and inputs.snapshot_date = seen.snapshot_date
)

select * from final
{% endmacro %}
