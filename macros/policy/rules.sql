{#-
  Ordered rules, first match, a default: the body of a model with one row per account and snapshot of `relation`.
  A rule matches when all its conditions hold: a number in [lower_bound, upper_bound), a text equal to text_value. An attribute
  that is missing, or older than the catalogue allows, matches nothing. Gives outcome, rule_id and reason; what the rule looked at: rule_values_seen.

  rule_set: a name; none for all rule sets that the seed named_by names, and then each has its row, told by the column rule_set.
  keys: further columns that tell the rows of `relation` apart; such rows name the rule set that they want, in a column rule_set.

  Rules are bits of one number. Every row meets every condition (there are few) and collects the rules that fail; the first rule
  that is left is the lowest bit. One pass and one small group, however wide the attributes are.
-#}
{% macro evaluate_rules(rule_set, relation, phase, named_by='segment_schemes', keys=[]) %}
{%- set wanted -%}
    rule_set {% if rule_set is none %}in (select rule_set from {{ ref(named_by) }}){% else %}= '{{ rule_set }}'{% endif %}
{%- endset -%}
with inputs as (
    select * from {{ relation }}
),

rule_sets as (
    select * from {{ ref('rule_sets') }}
    where {{ wanted }}
),

rules as (
    select
        *,
        {{ bit_at('row_number() over (partition by rule_set order by rule_order, ' ~ binary_order('rule_id') ~ ', valid_from)') }} as rule_bit
    from {{ ref('rules') }}
    where {{ wanted }}
),

-- A rule without conditions holds for everybody; a set without rules is there, too, for its default.
conditions as (
    select
        sets.rule_set as of_rule_set,
        rules.rule_bit,
        rules.valid_from as rule_valid_from,
        rules.valid_to as rule_valid_to,
        conditions.*,
        ages.age_attribute,
        ages.maximum_age_days,
        ages.valid_from as age_valid_from,
        ages.valid_to as age_valid_to
    from {% if rule_set is none %}(select distinct rule_set from rule_sets){% else %}(select '{{ rule_set }}' as rule_set){% endif %} as sets
    left join rules
        on sets.rule_set = rules.rule_set
    left join {{ ref('rule_conditions') }} as conditions
        on
            rules.rule_set = conditions.rule_set
            and rules.rule_id = conditions.rule_id
    left join {{ ref('attributes') }} as ages
        on
            conditions.attribute = ages.attribute
            and ages.age_attribute is not null
),

judged as (
    select
        inputs.account_id,
        inputs.snapshot_date,
        {%- for key in keys %}
        inputs.{{ key }},
        {%- endfor %}
        {%- if rule_set is none %}
        conditions.of_rule_set,
        {%- endif %}
        bit_or(case when {{ holds_on('conditions', 'inputs.snapshot_date', 'rule_valid_from', 'rule_valid_to') }} then conditions.rule_bit else 0 end) as rules_valid,
        bit_or(case
            when conditions.rule_id is null or not {{ holds_on('conditions', 'inputs.snapshot_date') }} then 0
            when {{ is_too_old('conditions', 'inputs', 'inputs.snapshot_date', phase, 'age_valid_from', 'age_valid_to') }} then conditions.rule_bit
            when conditions.text_value is not null
                then case when {{ text_attribute('conditions.attribute', 'inputs', phase) }} = conditions.text_value then 0 else conditions.rule_bit end
            when
                {{ number_attribute('conditions.attribute', 'inputs', phase) }} >= coalesce(conditions.lower_bound, {{ lowest_number() }})
                and (conditions.upper_bound is null or {{ number_attribute('conditions.attribute', 'inputs', phase) }} < conditions.upper_bound)
                then 0
            else conditions.rule_bit
        end) as rules_failed
    from inputs
    {{ 'inner join conditions on inputs.rule_set = conditions.of_rule_set' if keys else 'cross join conditions' }}
    group by
        inputs.account_id, inputs.snapshot_date{{ ", conditions.of_rule_set" if rule_set is none }}
        {%- for key in keys %}, inputs.{{ key }}{% endfor %}
),

matched as (
    select
        account_id,
        snapshot_date,
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        {%- if rule_set is none %}
        of_rule_set,
        {%- endif %}
        {{ lowest_bit('rules_valid & ~rules_failed') }} as rule_bit
    from judged
),

final as (
    select
        matched.account_id,
        matched.snapshot_date,
        {%- for key in keys %}
        matched.{{ key }},
        {%- endfor %}
        {%- if rule_set is none %}
        matched.of_rule_set as rule_set,
        {%- endif %}
        coalesce(rules.outcome, rule_sets.default_outcome) as outcome,
        coalesce(rules.rule_id, 'default') as rule_id,
        coalesce(rules.description, rule_sets.default_reason) as reason
    from matched
    {%- if rule_set is none %}
    inner join rule_sets
        on
            matched.of_rule_set = rule_sets.rule_set
            and {{ holds_on('rule_sets', 'matched.snapshot_date') }}
    left join rules
        on
            matched.of_rule_set = rules.rule_set
            and matched.rule_bit = rules.rule_bit
    {%- else %}
    left join rule_sets
        on {{ holds_on('rule_sets', 'matched.snapshot_date') }}
    left join rules
        on matched.rule_bit = rules.rule_bit
    {%- endif %}
)

select * from final
{% endmacro %}

{#- Is the value of an attribute older than it may be? `row` has age_attribute and maximum_age_days of the catalogue, and their validity. -#}
{% macro is_too_old(row, inputs, date_expression, phase, valid_from='valid_from', valid_to='valid_to') -%}
    (
        {{ row }}.age_attribute is not null
        and {{ holds_on(row, date_expression, valid_from, valid_to) }}
        and {{ number_attribute(row ~ '.age_attribute', inputs, phase) }} > {{ row }}.maximum_age_days
    )
{%- endmacro %}

{#-
  What the rule of each row of `chosen` (account_id, snapshot_date, rule_id) looked at, as text. Ask it of the rows that are shown
  only: writing numbers as text costs more than the rules. One row per account, snapshot, rule set and rule of `chosen` that has
  conditions, however many schemes or plays share the rule set: join it by all four. Where no rule matched: the attributes that
  are unknown, or too old, in rules that nothing else speaks against.
  rule_set: SQL, a column of `chosen` or a quoted name.
-#}
{% macro rule_values_seen(rule_set, chosen, relation, phase) %}
    with asked as (
        select distinct
            chosen.account_id,
            chosen.snapshot_date,
            {{ rule_set }} as rule_set,
            chosen.rule_id
        from {{ chosen }} as chosen
    ),

    judged as (
        select
            asked.account_id,
            asked.snapshot_date,
            conditions.rule_set,
            conditions.rule_id,
            conditions.attribute,
            case
                when coalesce({{ text_attribute('conditions.attribute', 'inputs', phase) }}, {{ plain_number(number_attribute('conditions.attribute', 'inputs', phase)) }}) is null then 'unknown'
                when {{ is_too_old('ages', 'inputs', 'asked.snapshot_date', phase) }} then 'too old'
            end as gap,
            case
                when conditions.text_value is not null then {{ text_attribute('conditions.attribute', 'inputs', phase) }} <> conditions.text_value
                else
                    {{ number_attribute('conditions.attribute', 'inputs', phase) }} < conditions.lower_bound
                    or {{ number_attribute('conditions.attribute', 'inputs', phase) }} >= conditions.upper_bound
            end as speaks_against
        from asked
        inner join {{ relation }} as inputs
            on asked.account_id = inputs.account_id and asked.snapshot_date = inputs.snapshot_date
        inner join {{ ref('rule_conditions') }} as conditions
            on
                asked.rule_set = conditions.rule_set
                and {{ holds_on('conditions', 'asked.snapshot_date') }}
        left join {{ ref('attributes') }} as ages
            on
                conditions.attribute = ages.attribute
                and {{ holds_on('ages', 'asked.snapshot_date') }}
        where asked.rule_id = 'default'
    ),

    undecided as (
        select
            account_id,
            snapshot_date,
            rule_set,
            rule_id
        from judged
        group by account_id, snapshot_date, rule_set, rule_id
        having max(case when gap is null and speaks_against then 1 else 0 end) = 0
    ),

    gaps as (
        select distinct
            judged.account_id,
            judged.snapshot_date,
            judged.rule_set,
            judged.attribute || ' is ' || judged.gap as gap
        from judged
        inner join undecided
            on
                judged.account_id = undecided.account_id
                and judged.snapshot_date = undecided.snapshot_date
                and judged.rule_set = undecided.rule_set
                and judged.rule_id = undecided.rule_id
        where judged.gap is not null
    )

    select
        account_id,
        snapshot_date,
        rule_set,
        'default' as rule_id,
        {{ dbt.listagg('gap', "', '", 'order by ' ~ binary_order('gap')) }} as values_seen
    from gaps
    group by account_id, snapshot_date, rule_set
    union all
    select
        asked.account_id,
        asked.snapshot_date,
        asked.rule_set,
        asked.rule_id,
        {{ dbt.listagg(
            "conditions.attribute || ' = ' || coalesce(" ~ text_attribute('conditions.attribute', 'inputs', phase) ~ ", "
            ~ plain_number(number_attribute('conditions.attribute', 'inputs', phase)) ~ ")",
            "', '",
            "order by " ~ binary_order("conditions.attribute")
        ) }} as values_seen
    from asked
    inner join {{ relation }} as inputs
        on asked.account_id = inputs.account_id and asked.snapshot_date = inputs.snapshot_date
    inner join {{ ref('rule_conditions') }} as conditions
        on
            asked.rule_set = conditions.rule_set
            and asked.rule_id = conditions.rule_id
            and {{ holds_on('conditions', 'asked.snapshot_date') }}
    group by asked.account_id, asked.snapshot_date, asked.rule_set, asked.rule_id
{% endmacro %}

{#- The n-th bit of a whole number, from 1 to 62. -#}
{% macro bit_at(number) -%}
    cast(power(2, ({{ number }}) - 1) as bigint)
{%- endmacro %}

{#- The lowest bit that is set; 0 where none is. -#}
{% macro lowest_bit(expression) -%}
    ({{ expression }}) & (-({{ expression }}))
{%- endmacro %}
