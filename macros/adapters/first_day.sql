{#-
  The first day of use that this run rolls up, known before the events are read. What reads all of them and drops most costs a daily run as much
  as its history; engines skip files and blocks by a value that they know when they plan, not by one that a subquery finds.
  Dispatched because only DuckDB has variables that are values to its planner; elsewhere the join on days decides alone.
-#}

{#- A pre-hook of a model that reads events by it; ref int_days_to_roll_up in that model. -#}
{% macro know_the_first_day() -%}
    {{ return(adapter.dispatch('know_the_first_day', 'strata')()) }}
{%- endmacro %}

{% macro default__know_the_first_day() -%}{%- endmacro %}

{% macro duckdb__know_the_first_day() -%}
    {%- if execute -%}
        set variable strata_first_day = (
            select coalesce(min(activity_date), cast('9999-12-01' as date)) from {{ relation_of('int_days_to_roll_up') }}
        )
    {%- endif -%}
{%- endmacro %}

{#- Its post-hook: nobody else reads by a day of another run. -#}
{% macro forget_the_first_day() -%}
    {{ return(adapter.dispatch('forget_the_first_day', 'strata')()) }}
{%- endmacro %}

{% macro default__forget_the_first_day() -%}{%- endmacro %}

{% macro duckdb__forget_the_first_day() -%}
    reset variable strata_first_day
{%- endmacro %}

{#- Not before the first day, as moment_read_from says it. True of all where it is not known. -#}
{% macro since_the_first_day(moment) -%}
    {{ return(adapter.dispatch('since_the_first_day', 'strata')(moment)) }}
{%- endmacro %}

{% macro default__since_the_first_day(moment) -%}
    {{ moment }} is not null
{%- endmacro %}

{% macro duckdb__since_the_first_day(moment) -%}
    {{ moment }} >= {{ moment_read_from("coalesce(cast(getvariable('strata_first_day') as date), cast('1900-01-01' as date))") }}
{%- endmacro %}

{#- The moment from which events are read for a day: a day earlier, for a local day may begin before the same day of UTC. -#}
{% macro moment_read_from(day) -%}
    {{ dbt.dateadd('day', -1, 'cast(' ~ day ~ ' as timestamp)') }}
{%- endmacro %}
