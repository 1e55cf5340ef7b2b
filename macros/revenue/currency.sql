{#- An amount in the reporting currency, rounded once at 4 decimals. Factors are narrowed, so that no engine runs out of digits. -#}
{% macro in_reporting_currency(amount, rate) -%}
    cast(cast({{ amount }} as decimal(20, 8)) * cast({{ rate }} as decimal(16, 8)) as decimal(18, 4))
{%- endmacro %}
