{#- The project's calendar day of a UTC timestamp: the day ends at midnight in var time_zone. -#}
{% macro local_date(expression) -%}
    {%- if var('time_zone') == 'UTC' -%}
        cast({{ expression }} as date)
    {%- else -%}
        {{ adapter.dispatch('local_date_in_zone', 'strata')(expression, var('time_zone')) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__local_date_in_zone(expression, zone) -%}
    cast((({{ expression }} at time zone 'UTC') at time zone '{{ zone }}') as date)
{%- endmacro %}

{% macro spark__local_date_in_zone(expression, zone) -%}
    cast(from_utc_timestamp({{ expression }}, '{{ zone }}') as date)
{%- endmacro %}

{#- The run's own day. An argument, never the clock. -#}
{% macro as_of_date() -%}
    cast('{{ var("as_of_date") }}' as date)
{%- endmacro %}
