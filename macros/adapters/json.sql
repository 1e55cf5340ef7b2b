{#- One top-level value of a JSON text as text; null when the text is not JSON or has no such key. -#}
{% macro json_text(expression, key) -%}
    {{ return(adapter.dispatch('json_text', 'strata')(expression, key)) }}
{%- endmacro %}

{% macro duckdb__json_text(expression, key) -%}
    nullif({{ without_blanks("json_extract_string(try_cast(" ~ expression ~ " as json), '$." ~ key ~ "')") }}, '')
{%- endmacro %}

{% macro postgres__json_text(expression, key) -%}
    nullif({{ without_blanks(postgres_function('try_json') ~ '(cast(' ~ expression ~ " as text)) ->> '" ~ key ~ "'") }}, '')
{%- endmacro %}

{#- Is the text readable JSON? Null is not unreadable, it is absent. -#}
{% macro json_is_readable(expression) -%}
    {{ return(adapter.dispatch('json_is_readable', 'strata')(expression)) }}
{%- endmacro %}

{% macro duckdb__json_is_readable(expression) -%}
    ({{ expression }} is null or json_valid({{ expression }}))
{%- endmacro %}

{#- get_json_object would find a key in half a text; so the text has to be readable as a whole. -#}
{% macro spark__json_text(expression, key) -%}
    case when try_parse_json({{ expression }}) is not null then nullif({{ without_blanks('get_json_object(' ~ expression ~ ", '$." ~ key ~ "')") }}, '') end
{%- endmacro %}

{% macro spark__json_is_readable(expression) -%}
    ({{ expression }} is null or try_parse_json({{ expression }}) is not null)
{%- endmacro %}

{% macro postgres__json_is_readable(expression) -%}
    ({{ expression }} is null or {{ postgres_function('try_json') }}(cast({{ expression }} as text)) is not null)
{%- endmacro %}
