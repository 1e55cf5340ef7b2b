{#-
  All rows of a raw table, with a null in every column that its sources yml calls not required and the connector does not
  deliver: connectors leave out columns that were never filled. A required column that is missing stays an error.
  Dispatched because only DuckDB unites by column name; on other engines every column of the yml must be there.
-#}
{% macro raw_rows(system, table) -%}
    {%- set relation = source(system, table) -%}
    {%- set optional = [] -%}
    {%- if execute -%}
        {%- for node in graph.sources.values() if node.source_name == system and node.name == table -%}
            {%- for column in node.columns.values() if not column.config.meta.get('required') -%}
                {%- do optional.append(column.name) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
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
