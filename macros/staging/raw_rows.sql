{#-
  All rows of a raw table, with a null in every optional column that the connector does not deliver: connectors leave out
  columns that were never filled. Any other column that is missing stays an error.
  optional: the columns that the sources yml of the system calls not required (a test holds the two together).
  Dispatched because only DuckDB unites by column name; PostgreSQL looks a name up further out when a table lacks it; on Spark
  every column of the yml must be there.
-#}
{% macro raw_rows(system, table, optional=[]) -%}
    {%- set relation = source(system, table) -%}
    {{ return(adapter.dispatch('raw_rows_padded', 'strata')(relation, optional, declared_columns(system, table))) }}
{%- endmacro %}

{#- The columns that the sources yml declares for a raw table; none while dbt still parses. -#}
{% macro declared_columns(system, table) -%}
    {%- set found = [] -%}
    {#- Unit tests have no graph: their rows bring every column. -#}
    {%- if execute and graph.sources -%}
        {%- for node in graph.sources.values() if node.source_name == system and node.name == table -%}
            {%- do found.extend(node.columns.keys()) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}

{% macro default__raw_rows_padded(relation, optional, declared) -%}
    select * from {{ relation }}
{%- endmacro %}

{#- A name that the innermost table lacks means the column of `absent`. -#}
{% macro postgres__raw_rows_padded(relation, optional, declared) -%}
    {%- if optional and declared %}
    select landed.*
    from (
        select
        {%- for column in optional %}
            cast(null as text) as {{ adapter.quote(column) }}{{ "," if not loop.last }}
        {%- endfor %}
    ) as absent
    cross join lateral (
        select
        {%- for column in declared %}
            {{ adapter.quote(column) }}{{ "," if not loop.last }}
        {%- endfor %}
        from {{ relation }} as delivered
    ) as landed
    {%- else %}
    select * from {{ relation }}
    {%- endif %}
{%- endmacro %}

{% macro duckdb__raw_rows_padded(relation, optional, declared) -%}
    select * from {{ relation }}
    {%- if optional %}
    union all by name
    select
        {%- for column in optional %}
        null as {{ adapter.quote(column) }}{{ "," if not loop.last }}
        {%- endfor %}
    where 1 = 0
    {%- endif %}
{%- endmacro %}
