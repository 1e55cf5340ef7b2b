{#- Replace every match of a regular expression. Dispatched: DuckDB and PostgreSQL want a flag, Spark replaces all by itself. -#}
{% macro regexp_replace_all(expression, pattern, replacement) -%}
    {{ return(adapter.dispatch('regexp_replace_all', 'strata')(expression, pattern, replacement)) }}
{%- endmacro %}

{% macro default__regexp_replace_all(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

{% macro spark__regexp_replace_all(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, '{{ pattern }}', '{{ replacement }}')
{%- endmacro %}

{#-
  A company name as people would compare it: lower case, no punctuation, no legal form at the end, no blanks. "Müller & Sohn GmbH"
  and "müller + sohn" give the same key. Null when nothing is left.
-#}
{% macro name_key(expression) -%}
    {%- set plain = "trim(" ~ regexp_replace_all(lower_case(expression), "[^a-z0-9äöüßéèêáàâóòôúùûíìîñç]+", " ") ~ ")" -%}
    {%- set legal = regexp_replace_all(plain, "( (inc|incorporated|llc|ltd|limited|plc|corp|corporation|co|company|gmbh|ag|kg|se|sa|sas|sarl|b v|bv|n v|nv|s l|sl|k k|kk|s a|s p a|ab|as|oy|spa|srl|pty|group|holding|holdings))+$", "") -%}
    nullif({{ regexp_replace_all(legal, " +", "") }}, '')
{%- endmacro %}

{#-
  A text in the order of its bytes, for every "order by", min() and max() that decides which row or value is taken.
  Dispatched because PostgreSQL orders by the language of the database, where 'b' comes before 'C'.
-#}
{% macro binary_order(expression) -%}
    {{ return(adapter.dispatch('binary_order', 'strata')(expression)) }}
{%- endmacro %}

{% macro default__binary_order(expression) -%}{{ expression }}{%- endmacro %}
{% macro postgres__binary_order(expression) -%}{{ expression }} collate "C"{%- endmacro %}

{#-
  Lower case, letters beyond a to z included.
  Dispatched because PostgreSQL leaves those alone in a database whose language is "C".
-#}
{% macro lower_case(expression) -%}
    {{ return(adapter.dispatch('lower_case', 'strata')(expression)) }}
{%- endmacro %}

{% macro default__lower_case(expression) -%}lower({{ expression }}){%- endmacro %}
{% macro postgres__lower_case(expression) -%}lower({{ expression }} collate "und-x-icu") collate "default"{%- endmacro %}

{#- A 64-bit number that stands for a text, to compare many texts cheaply; equal texts have equal numbers, on one engine. -#}
{% macro text_hash(expression) -%}
    {{ return(adapter.dispatch('text_hash', 'strata')(expression)) }}
{%- endmacro %}

{% macro default__text_hash(expression) -%}
    hash({{ expression }})
{%- endmacro %}

{% macro postgres__text_hash(expression) -%}
    hashtextextended({{ expression }}, 0)
{%- endmacro %}

{% macro spark__text_hash(expression) -%}
    xxhash64({{ expression }})
{%- endmacro %}

{#-
  The numbers that stand more than once in a column of many rows, each once.
  Dispatched because DuckDB sorts numbers three times as fast as it groups as many of them; Spark would sort on one machine.
-#}
{% macro repeated_numbers(relation, column) -%}
    {{ return(adapter.dispatch('repeated_numbers', 'strata')(relation, column)) }}
{%- endmacro %}

{% macro default__repeated_numbers(relation, column) -%}
    select {{ column }}
    from {{ relation }}
    where {{ column }} is not null
    group by {{ column }}
    having count(*) > 1
{%- endmacro %}

{% macro duckdb__repeated_numbers(relation, column) -%}
    select distinct {{ column }}
    from (
        select
            {{ column }},
            lag({{ column }}) over (order by {{ column }}) as number_before
        from {{ relation }}
    ) as in_order
    where {{ column }} = number_before
{%- endmacro %}

{#-
  A number for a whole row: equal rows have equal numbers. Only compared with numbers of the same engine.
  Dispatched because every engine names its hash, and the row, differently.
-#}
{% macro row_digest(alias) -%}
    {{ return(adapter.dispatch('row_digest', 'strata')(alias)) }}
{%- endmacro %}

{% macro default__row_digest(alias) -%}
    cast(hash({{ alias }}) as decimal(38, 0))
{%- endmacro %}

{% macro postgres__row_digest(alias) -%}
    cast(hashtextextended(cast({{ alias }} as text), 0) as decimal(38, 0))
{%- endmacro %}

{% macro spark__row_digest(alias) -%}
    cast(xxhash64(struct({{ alias }}.*)) as decimal(38, 0))
{%- endmacro %}
