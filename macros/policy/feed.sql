{#-
  A record as JSON, for other systems: names and SQL of texts, in order; a missing value is null. Written out rather than by a function of the engine, so that
  every engine gives the same letters. Line ends become blanks.
-#}
{% macro json_record(texts) -%}
    '{'
    {%- for name, expression in texts.items() %}
    || '{{ ", " if not loop.first }}"{{ name }}": ' || coalesce('"' || {{ json_escaped(expression) }} || '"', 'null')
    {%- endfor %}
    || '}'
{%- endmacro %}

{#- Backslashes first, for the quotes bring new ones. By their numbers: Spark reads backslashes in a literal. -#}
{% macro json_escaped(expression) -%}
    replace(replace(replace(replace(replace(
        cast({{ expression }} as {{ dbt.type_string() }}), chr(92), chr(92) || chr(92)), '"', chr(92) || '"'), chr(9), ' '), chr(10), ' '), chr(13), ' ')
{%- endmacro %}
