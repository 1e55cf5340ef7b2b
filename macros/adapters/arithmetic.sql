{#-
  numerator / denominator, rounded half away from zero at `scale` decimals, exactly and equally on every engine.
  Dispatched because DuckDB divides decimals as doubles, PostgreSQL as numeric and Spark by its own scale rules. Null when the
  denominator is null or 0. Operands: decimals or integers with at most 4 decimals and 18 whole digits.
-#}
{% macro divide_exact(numerator, denominator, scale=4) -%}
    {{ return(adapter.dispatch('divide_exact', 'strata')(numerator, denominator, scale)) }}
{%- endmacro %}

{% macro duckdb__divide_exact(numerator, denominator, scale=4) -%}
    {#- In whole numbers: |n| and |d| in ten-thousandths, then the rounded quotient, then the sign. -#}
    {%- set n = "cast(abs(cast(" ~ numerator ~ " as decimal(22, 4))) * 10000 as hugeint)" -%}
    {%- set d = "cast(abs(cast(" ~ denominator ~ " as decimal(22, 4))) * 10000 as hugeint)" -%}
    {%- set unit = "0." ~ "0" * (scale - 1) ~ "1" -%}
    cast(
        cast((2 * {{ n }} * {{ 10 ** scale }} + {{ d }}) // (2 * nullif({{ d }}, 0)) as decimal(28, 0))
        * cast({{ unit }} as decimal({{ scale + 1 }}, {{ scale }}))
        * cast(sign({{ numerator }}) * sign({{ denominator }}) as integer)
    as decimal(24, {{ scale }}))
{%- endmacro %}

{#- div() of numerics is exact; their / keeps some twenty digits only, which may round the wrong way just beside a half. -#}
{% macro postgres__divide_exact(numerator, denominator, scale=4) -%}
    {%- set n = "abs(cast(" ~ numerator ~ " as decimal(22, 4)))" -%}
    {%- set d = "abs(cast(" ~ denominator ~ " as decimal(22, 4)))" -%}
    cast(
        div(2 * {{ n }} * {{ 10 ** scale }} + {{ d }}, 2 * nullif({{ d }}, 0))
        * 0.{{ "0" * (scale - 1) }}1
        * cast(sign({{ numerator }}) * sign({{ denominator }}) as integer)
    as decimal(24, {{ scale }}))
{%- endmacro %}

{#- Number of bits set. Dispatched: PostgreSQL counts bits of a bit string only. -#}
{% macro bit_count(expression) -%}
    {{ return(adapter.dispatch('bit_count', 'strata')(expression)) }}
{%- endmacro %}

{% macro default__bit_count(expression) -%}
    cast(bit_count({{ expression }}) as integer)
{%- endmacro %}

{% macro postgres__bit_count(expression) -%}
    cast(bit_count(cast({{ expression }} as bit(64))) as integer)
{%- endmacro %}

{#-
  Spark’s own division of decimals rounds at a scale of its choice, so that a second rounding would be wrong at the half. In whole
  numbers: the remainder is taken off first, then the division is exact.
-#}
{% macro spark__divide_exact(numerator, denominator, scale=4) -%}
    {%- set n = "cast(abs(cast(" ~ numerator ~ " as decimal(22, 4))) * 10000 as decimal(22, 0))" -%}
    {%- set d = "cast(abs(cast(" ~ denominator ~ " as decimal(22, 4))) * 10000 as decimal(22, 0))" -%}
    {%- set twice_n = "(" ~ n ~ " * cast(" ~ 2 * 10 ** scale ~ " as decimal(10, 0)) + " ~ d ~ ")" -%}
    {%- set twice_d = "nullif(" ~ d ~ " * cast(2 as decimal(1, 0)), 0)" -%}
    {%- set unit = "0." ~ "0" * (scale - 1) ~ "1" -%}
    cast(
        cast(({{ twice_n }} - {{ twice_n }} % {{ twice_d }}) / {{ twice_d }} as decimal(24, 0))
        * cast({{ unit }} as decimal({{ scale + 1 }}, {{ scale }}))
        * cast(sign({{ numerator }}) * sign({{ denominator }}) as decimal(1, 0))
    as decimal(24, {{ scale }}))
{%- endmacro %}
