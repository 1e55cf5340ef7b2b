{#-
  Lets the planner know what a finished table holds; a post-hook of every model and seed.
  Dispatched because PostgreSQL alone plans by statistics that it gathers some minutes later: until then it takes a new table
  for a small one and joins it row by row (one model took 106 s instead of 1 s on 120 accounts).
-#}
{% macro gather_statistics() -%}
    {{ return(adapter.dispatch('gather_statistics', 'strata')()) }}
{%- endmacro %}

{% macro default__gather_statistics() -%}{%- endmacro %}

{% macro postgres__gather_statistics() -%}
    {%- if model.config.materialized != 'view' -%}
        analyze {{ this }}
    {%- endif -%}
{%- endmacro %}

{#-
  What the planner must not choose while a model is built; a pre-hook of every model.
  Dispatched because PostgreSQL alone guesses that a join over several columns finds one row, and then runs what stands on the
  other side once for every row on this one: int_health_scores took over 13 minutes instead of seconds on 10,623 rows. Tables of a
  build have no index that such a loop could use; a join by range, which has no other way, still gets it, at a price so high that
  PostgreSQL would then translate the query to machine code first: of an attribute by its name that took 36 to 75 seconds for 300 rows.
-#}
{% macro choose_joins() -%}
    {{ return(adapter.dispatch('choose_joins', 'strata')()) }}
{%- endmacro %}

{% macro default__choose_joins() -%}{%- endmacro %}

{% macro postgres__choose_joins() -%}
    set local enable_nestloop = off;
    set local jit = off
{%- endmacro %}

{#- Between `as` and the bracket of a CTE: it is worked out by itself, and not together with what reads it. Engines without the word decide themselves. -#}
{% macro worked_out_first() -%}
    {{ return(adapter.dispatch('worked_out_first', 'strata')()) }}
{%- endmacro %}

{% macro default__worked_out_first() -%}{{ return('') }}{%- endmacro %}

{% macro duckdb__worked_out_first() -%}{{ return('materialized') }}{%- endmacro %}

{% macro postgres__worked_out_first() -%}{{ return('materialized') }}{%- endmacro %}
