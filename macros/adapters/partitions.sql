{#-
  The columns that a table of accounts and snapshots is partitioned by, for config(partition_by=…).
  Dispatched because only Spark keeps a table as folders of files: a run then replaces the days it brings and a reader of one day
  opens one folder. DuckDB and PostgreSQL keep such tables in order by themselves.
-#}
{% macro snapshot_partition() -%}
    {{ return(adapter.dispatch('snapshot_partition', 'strata')()) }}
{%- endmacro %}

{% macro default__snapshot_partition() -%}
    {{ return(none) }}
{%- endmacro %}

{% macro spark__snapshot_partition() -%}
    {{ return(['snapshot_date']) }}
{%- endmacro %}
