{#-
  Hard rules: the limits of seeds/policy/score_limits.csv that an account reaches, as columns of one row per account and snapshot of
  `relation` that reaches any. Of several caps the lowest binds, of several floors the highest; the first by name of equals.
  A value that is missing, or older than the catalogue allows, reaches nothing.
-#}
{% macro reached_limits(relation, phase) %}
with inputs as (
    select * from {{ relation }}
),

limits as (
    select * from {{ ref('score_limits') }}
),

ages as (
    select * from {{ ref('attributes') }}
    where age_attribute is not null
),

measured as (
    select
        inputs.account_id,
        inputs.snapshot_date,
        limits.score_limit,
        limits.limit_kind,
        limits.limit_score,
        limits.description,
        limits.lower_bound,
        limits.upper_bound,
        {{ number_attribute('limits.attribute', 'inputs', phase) }} as raw_value
    from inputs
    inner join limits
        on {{ holds_on('limits', 'inputs.snapshot_date') }}
    left join ages
        on
            limits.attribute = ages.attribute
            and {{ holds_on('ages', 'inputs.snapshot_date') }}
    where not coalesce({{ is_too_old('ages', 'inputs', 'inputs.snapshot_date', phase) }}, false)
),

ranked as (
    select
        *,
        row_number() over (
            partition by account_id, snapshot_date, limit_kind
            order by case when limit_kind = 'cap' then limit_score else -limit_score end, {{ binary_order('score_limit') }}
        ) as strictness
    from measured
    where
        raw_value >= coalesce(lower_bound, raw_value)
        and (upper_bound is null or raw_value < upper_bound)
),

final as (
    select
        account_id,
        snapshot_date,
        {%- for kind in ['cap', 'floor'] %}
        max(case when limit_kind = '{{ kind }}' then score_limit end) as {{ kind }},
        max(case when limit_kind = '{{ kind }}' then limit_score end) as {{ kind }}_score,
        max(case when limit_kind = '{{ kind }}' then raw_value end) as {{ kind }}_value,
        max(case when limit_kind = '{{ kind }}' then description end) as {{ kind }}_description{{ "," if not loop.last }}
        {%- endfor %}
    from ranked
    where strictness = 1
    group by account_id, snapshot_date
)

select * from final
{% endmacro %}

{#- The score within its limits, null where there is none; where a floor lies above a cap the cap wins. `limits`: an alias of reached_limits. -#}
{% macro limited(score, limits) -%}
    cast(case
        when {{ score }} is not null
            then least(greatest({{ score }}, coalesce({{ limits }}.floor_score, {{ score }})), coalesce({{ limits }}.cap_score, 100))
    end as decimal(5, 2))
{%- endmacro %}

{#- What `column` of the limit that binds is, by what it did to the score: `cap` or `floor`, their value, score or description; null where none does. -#}
{% macro binding_limit(limited_score, score, limits, column='') -%}
    case
        when {{ limited_score }} < {{ score }} then {{ limits }}.cap{{ column }}
        when {{ limited_score }} > {{ score }} then {{ limits }}.floor{{ column }}
    end
{%- endmacro %}
