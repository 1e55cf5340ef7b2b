{#-
  A UTC timestamp as to_timestamp_utc reads it, or else one written day first: dd-mm-yyyy with or without hh:mm or hh:mm:ss, and
  with - or / or . between the parts. That is what a CSV file holds after somebody opened and saved it in a spreadsheet.
  ISO is read first, so a file that mixes both is read right. Null when it is neither. Never use it on a source that writes the
  month first: 03-04-2024 cannot tell.
  Dispatched because parsing by a list of formats that gives null and not an error has another name on every engine.
-#}
{% macro to_timestamp_day_first(expression) -%}
    {{ return(adapter.dispatch('to_timestamp_day_first', 'strata')(expression)) }}
{%- endmacro %}

{% macro duckdb__to_timestamp_day_first(expression) -%}
    {%- set text = "replace(replace(" ~ to_text(expression) ~ ", '/', '-'), '.', '-')" -%}
    coalesce(
        {{ to_timestamp_utc(expression) }},
        try_strptime({{ text }}, ['%d-%m-%Y', '%d-%m-%Y %H:%M', '%d-%m-%Y %H:%M:%S'])
    )
{%- endmacro %}

{% macro spark__to_timestamp_day_first(expression) -%}
    {%- set text = "replace(replace(" ~ to_text(expression) ~ ", '/', '-'), '.', '-')" -%}
    coalesce(
        {{ to_timestamp_utc(expression) }},
        try_to_timestamp({{ text }}, 'd-M-yyyy'),
        try_to_timestamp({{ text }}, 'd-M-yyyy H:m'),
        try_to_timestamp({{ text }}, 'd-M-yyyy H:m:s')
    )
{%- endmacro %}

{% macro postgres__to_timestamp_day_first(expression) -%}
    coalesce({{ to_timestamp_utc(expression) }}, {{ postgres_function('timestamp_day_first') }}(cast({{ expression }} as text)))
{%- endmacro %}
