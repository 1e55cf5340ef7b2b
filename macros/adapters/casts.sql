{#-
  Casts that give null instead of an error, so that one bad cell is a rejected row and not a failed build.
  Dispatched because dbt.safe_cast is a hard cast on DuckDB and PostgreSQL has no try_cast at all.
-#}
{% macro try_to(expression, type) -%}
    {{ return(adapter.dispatch('try_to', 'strata')(expression, type)) }}
{%- endmacro %}

{% macro default__try_to(expression, type) -%}
    try_cast({{ expression }} as {{ type }})
{%- endmacro %}

{% macro postgres__try_to(expression, type) -%}
    {%- set name = type.split('(')[0].strip() -%}
    {%- if name in ('decimal', 'numeric') -%}
        {%- set digits = type.split('(')[1].rstrip(') ').split(',') -%}
        {%- set scale = digits[1] | int -%}
        {%- set highest = '9' * (digits[0] | int - scale) ~ ('.' ~ '9' * scale if scale else '') -%}
    {%- elif name in ('integer', 'bigint') -%}
        {%- set scale = 0 -%}
        {%- set highest = {'integer': '2147483647', 'bigint': '9223372036854775807'}[name] -%}
    {%- endif -%}
    {%- if highest is defined -%}
        cast({{ postgres_function('try_number') }}({{ expression }}, {{ scale }}, -{{ highest }}{{ ' - 1' if scale == 0 and name != 'decimal' and name != 'numeric' }}, {{ highest }}) as {{ type }})
    {%- elif name.startswith('timestamp') or name == 'date' -%}
        cast({{ postgres_function('try_timestamp') }}({{ expression }}) as {{ type }})
    {%- else -%}
        {{ exceptions.raise_compiler_error("try_to: PostgreSQL has no cast to '" ~ type ~ "' here; add one to macros/adapters/casts.sql") }}
    {%- endif -%}
{%- endmacro %}

{% macro type_double() -%}
    {{ return(adapter.dispatch('type_double', 'strata')()) }}
{%- endmacro %}

{% macro default__type_double() -%}double{%- endmacro %}
{% macro postgres__type_double() -%}double precision{%- endmacro %}

{#- Text without surrounding blanks; empty text is null. -#}
{% macro to_text(expression) -%}
    nullif({{ without_blanks('cast(' ~ expression ~ ' as ' ~ dbt.type_string() ~ ')') }}, '')
{%- endmacro %}

{#- Dispatched because only DuckDB takes the blanks of Unicode for blanks, of which web forms deliver the one that does not break. -#}
{% macro without_blanks(expression) -%}
    {{ return(adapter.dispatch('without_blanks', 'strata')(expression)) }}
{%- endmacro %}

{% macro default__without_blanks(expression) -%}
    trim({{ expression }})
{%- endmacro %}

{% macro postgres__without_blanks(expression) -%}
    trim(both E' \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000' from {{ expression }})
{%- endmacro %}

{% macro spark__without_blanks(expression) -%}
    trim(both ' \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000' from {{ expression }})
{%- endmacro %}

{% macro to_integer(expression) -%}
    {{ try_to(to_text(expression), 'integer') }}
{%- endmacro %}

{#- Exact decimal; scale 4 unless told. -#}
{% macro to_decimal(expression, precision=18, scale=4) -%}
    {{ try_to(to_text(expression), 'decimal(' ~ precision ~ ', ' ~ scale ~ ')') }}
{%- endmacro %}

{#- true/false in any of the spellings connectors land: TRUE, true, False, t, 1, yes. Anything else is null. -#}
{% macro to_boolean(expression) -%}
    case lower({{ to_text(expression) }})
        when 'true' then true when 't' then true when '1' then true when 'yes' then true
        when 'false' then false when 'f' then false when '0' then false when 'no' then false
    end
{%- endmacro %}

{#-
  A UTC timestamp from what connectors land: a typed timestamp, a date, seconds or fractions, ISO with T and Z or an offset,
  epoch in 13 digits (milliseconds) or 10 (seconds). Null when it is none of these.
-#}
{% macro to_timestamp_utc(expression) -%}
    {{ return(adapter.dispatch('to_timestamp_utc', 'strata')(expression)) }}
{%- endmacro %}

{#-
  The cast to TIMESTAMP reads Z as UTC but drops other offsets without a word, so those go through TIMESTAMPTZ.
  What is a time already is cast as it is: the type of a column is known when DuckDB plans, so that no more than the branch of that type
  is left, and events are skipped by file and block, which no detour through text allows. TIMESTAMPTZ_NS has no cast to TIMESTAMP.
-#}
{% macro duckdb__to_timestamp_utc(expression) -%}
    {%- set text = to_text(expression) -%}
    case
        when typeof({{ expression }}) = 'TIMESTAMPTZ_NS'
            then {{ try_to(try_to(expression, 'timestamptz'), 'timestamp') }}
        when typeof({{ expression }}) = 'DATE' or starts_with(typeof({{ expression }}), 'TIMESTAMP')
            then {{ try_to(expression, 'timestamp') }}
        when regexp_full_match({{ text }}, '[0-9]{13}')
            then make_timestamp({{ try_to(text, 'bigint') }} * 1000)
        when regexp_full_match({{ text }}, '[0-9]{10}')
            then make_timestamp({{ try_to(text, 'bigint') }} * 1000000)
        when length({{ text }}) > 10 and regexp_matches({{ text }}, '[+-][0-9]{2}(:?[0-9]{2})?$')
            then timezone('UTC', {{ try_to(text, 'timestamptz') }})
        else {{ try_to(text, 'timestamp') }}
    end
{%- endmacro %}

{#- Spark reads a year, or a year and month, as a time; no connector means that. A whole number may come with decimals (27.0). -#}
{% macro spark__try_to(expression, type) -%}
    {%- if type == 'timestamp' -%}
        case when cast({{ expression }} as string) like '____-_%-_%' then try_cast({{ expression }} as timestamp) end
    {%- elif type == 'integer' -%}
        try_cast(round(try_cast({{ expression }} as decimal(28, 10)), 0) as integer)
    {%- else -%}
        try_cast({{ expression }} as {{ type }})
    {%- endif -%}
{%- endmacro %}

{#-
  The cast reads Z and offsets; the session time zone has to be UTC, as profiles.yml sets it. It also reads a date with an hour and
  names of zones, which DuckDB does not, so the form is checked first.
-#}
{% macro spark__to_timestamp_utc(expression) -%}
    {%- set text = to_text(expression) -%}
    case
        when {{ text }} rlike '^[0-9]{13}$' then timestamp_millis(try_cast({{ text }} as bigint))
        when {{ text }} rlike '^[0-9]{10}$' then timestamp_seconds(try_cast({{ text }} as bigint))
        when {{ text }} rlike '^[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}([ T][0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}([.][0-9]*)?)? ?(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)?)?$'
            then try_cast(replace({{ text }}, '/', '-') as timestamp)
    end
{%- endmacro %}

{% macro postgres__to_timestamp_utc(expression) -%}
    {{ postgres_function('timestamp_utc') }}({{ expression }})
{%- endmacro %}
