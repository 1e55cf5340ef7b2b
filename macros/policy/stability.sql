{#-
  The first day of the period in which a change of segment may take effect: by policy a month or a quarter, else the snapshot itself.
  takes_effect: a word of seeds/policy/segment_stability.csv, or null.
-#}
{% macro effect_period(takes_effect, date_expression) -%}
    case {{ takes_effect }}
        when 'month_start' then cast({{ dbt.date_trunc('month', date_expression) }} as date)
        when 'quarter_start' then cast({{ dbt.date_trunc('quarter', date_expression) }} as date)
        else {{ date_expression }}
    end
{%- endmacro %}
