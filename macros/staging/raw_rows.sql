{#-
  All rows of a raw table, with a null in every optional column that the connector does not deliver: connectors leave out
  columns that were never filled. Any other column that is missing stays an error.
  optional: the columns that the sources yml of the system calls not required (a test holds the two together).
  Dispatched because only DuckDB unites by column name; on other engines every column of the yml must be there.
-#}
{% macro raw_rows(system, table, optional=[]) -%}
    {%- set relation = source(system, table) -%}
    {{ return(adapter.dispatch('raw_rows_padded', 'strata')(relation, optional)) }}
{%- endmacro %}

{% macro default__raw_rows_padded(relation, optional) -%}
    select * from {{ relation }}
{%- endmacro %}

{% macro duckdb__raw_rows_padded(relation, optional) -%}
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
