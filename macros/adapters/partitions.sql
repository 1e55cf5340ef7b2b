{#-
  How a table that is kept from run to run lies on disk, and what a run replaces of it (macros/increments.sql).
  Dispatched because only Spark keeps a table as folders of files, of which a run can replace whole ones and nothing less: a run works
  out again all accounts since the earliest date that any of them needs, and days of use by whole months. A reader of one day opens
  one folder. DuckDB and PostgreSQL keep such tables in order by themselves and delete rows.
-#}

{#- The column that a table of accounts and snapshots is partitioned by, for config(partition_by=…). -#}
{% macro snapshot_partition() -%}
    {{ return(adapter.dispatch('snapshot_partition', 'strata')()) }}
{%- endmacro %}

{% macro default__snapshot_partition() -%}
    {{ return(none) }}
{%- endmacro %}

{% macro spark__snapshot_partition() -%}
    {{ return(['snapshot_date']) }}
{%- endmacro %}

{#- The same of a table of days of use; a folder a day would hold too little. -#}
{% macro activity_partition() -%}
    {{ return(adapter.dispatch('activity_partition', 'strata')()) }}
{%- endmacro %}

{% macro default__activity_partition() -%}
    {{ return(none) }}
{%- endmacro %}

{% macro spark__activity_partition() -%}
    {{ return(['activity_month']) }}
{%- endmacro %}

{#- What a day of use is replaced with: the day itself, or the month of its folder. -#}
{% macro replaced_with(day) -%}
    {{ return(adapter.dispatch('replaced_with', 'strata')(day)) }}
{%- endmacro %}

{% macro default__replaced_with(day) -%}
    {{ day }}
{%- endmacro %}

{% macro spark__replaced_with(day) -%}
    cast(date_trunc('month', {{ day }}) as date)
{%- endmacro %}

{#- The date from which an account is worked out again, over the rows of all accounts. -#}
{% macro worked_out_since(rebuild_from) -%}
    {{ return(adapter.dispatch('worked_out_since', 'strata')(rebuild_from)) }}
{%- endmacro %}

{% macro default__worked_out_since(rebuild_from) -%}
    {{ rebuild_from }}
{%- endmacro %}

{% macro spark__worked_out_since(rebuild_from) -%}
    min({{ rebuild_from }}) over ()
{%- endmacro %}

{#- dbt-spark takes its own strategies only; macros/increments.sql has two more. -#}
{% macro dbt_spark_validate_get_incremental_strategy(raw_strategy, file_format) -%}
    {{ return(raw_strategy) }}
{%- endmacro %}

{% macro dbt_spark_get_incremental_sql(strategy, source, target, existing, unique_key, incremental_predicates) -%}
    {%- if strategy == 'append' -%}
        {{ get_insert_into_sql(source, target) }}
    {%- else -%}
        {{ replace_partitions(source, target, strategy) }}
    {%- endif -%}
{%- endmacro %}

{#-
  Takes away the folders that the run brings anew, or that are of no snapshot any more, and writes what it brings. Between the two the
  table lacks them: no reader sees it, and a run that is killed there is done again.
-#}
{% macro replace_partitions(source, target, strategy) -%}
    {%- set column = config.require('partition_by')[0] -%}
    {%- if strategy == 'days' -%}
        {%- set replaced = run_query('select distinct ' ~ replaced_with('activity_date') ~ ' from ' ~ relation_of('int_days_to_roll_up')) -%}
        {%- set replaced = replaced.columns[0].values() | map('string') | list -%}
    {%- else -%}
        {%- set since = run_query('select min(rebuild_from) from ' ~ rebuilds_of_the_model()).columns[0].values()[0] | string -%}
        {%- if column == 'activity_month' -%}
            {%- set since = since[:8] ~ '01' -%}
        {%- endif -%}
    {%- endif -%}
    {%- for row in run_query('show partitions ' ~ target).rows -%}
        {%- set held = (row[0] | string).split('=')[1] -%}
        {%- if (strategy == 'days' and held in replaced) or (strategy != 'days' and held >= since) -%}
            {%- do run_query('alter table ' ~ target ~ ' drop if exists partition (' ~ column ~ " = date '" ~ held ~ "')") -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set columns = adapter.get_columns_in_relation(target) | map(attribute='quoted') | join(', ') -%}
    insert overwrite table {{ target }} partition ({{ column }})
    select {{ columns }} from {{ source }}
    {%- if strategy != 'days' %}
    where {{ column }} >= date '{{ since }}'
    {%- endif -%}
{%- endmacro %}
