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
  The two sigmas of Greek are one letter, for which of them stands for the capital depends on the engine.
-#}
{% macro name_key(expression) -%}
    {%- set lower = "replace(" ~ lower_case(expression) ~ ", 'ς', 'σ')" -%}
    {%- set plain = "trim(" ~ regexp_replace_all(lower, "[" ~ name_separators() ~ "]+", " ") ~ ")" -%}
    {%- set legal = regexp_replace_all(plain, "( (inc|incorporated|llc|ltd|limited|plc|corp|corporation|co|company|gmbh|ag|kg|se|sa|sas|sarl|b v|bv|n v|nv|s l|sl|k k|kk|s a|s p a|ab|as|oy|spa|srl|pty|group|holding|holdings))+$", "") -%}
    nullif({{ regexp_replace_all(legal, " +", "") }}, '')
{%- endmacro %}

{#-
  What parts the words of a lower-case name: ranges of characters, for the brackets of a regular expression. Everything else is kept: letters, their
  marks and digits of every script, for a name without its letters is another company's. A sign that is missing here costs a match and makes no wrong one.
  Ranges and no classes of Unicode, so that all engines part alike: PostgreSQL has no class with the marks, by which most scripts
  write their vowels, and the others have those of different years.
-#}
{% macro name_separators() -%}
    {#- Blanks and signs of ASCII (capitals lie between : and `, and there are none) and of the rest of Latin, where ª, µ, º and raised digits are kept. -#}
    {{- "\t-/:-`{-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7" -}}
    {#- The dot above: some engines make the Turkish İ an i with that mark, others an i. -#}
    {{- "\u0307" -}}
    {#- Armenian, Hebrew, Arabic, Indian. -#}
    {{- "\u055a-\u055f\u0589\u058a\u05be\u05f3\u05f4\u0609-\u060d\u061b-\u061f\u066a-\u066d\u06d4\u0964\u0965\u0970" -}}
    {#- All scripts: blanks, dashes, quotes, currencies, №, ™, arrows, shapes. -#}
    {{- "\u2000-\u206f\u20a0-\u20cf\u2116\u2120-\u2122\u2190-\u245f\u2500-\u2775\u2794-\u2bff\u2e00-\u2e7f" -}}
    {#- Chinese, Japanese, and the same in full width. -#}
    {{- "\u3000-\u3003\u3008-\u3020\u3030\u30a0\u30fb\ufe00-\ufe6f\ufeff\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65" -}}
    {#- Pictures. -#}
    {{- "\U0001f000-\U0001faff" -}}
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
