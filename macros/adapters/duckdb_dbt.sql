{#-
  What dbt-duckdb itself does at greater length than DuckDB needs. It builds a table under another name, renames the old one, renames the new one, commits and
  drops the old one in a second transaction; DuckDB replaces a table in one statement, and nobody sees it half-done. With hundreds of small tables a run
  that was a quarter of the time (docs/decisions.md). Neither grants nor Python models: DuckDB has no roles, and this project no such models.
-#}
{% materialization table, adapter='duckdb' %}
    {{ return(replaced_in_place('table', replace_table_as)) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {{ return(replaced_in_place('view', replace_view_as)) }}
{% endmaterialization %}

{% macro replaced_in_place(kind, statement_for) -%}
    {%- set before = load_cached_relation(this) -%}
    {%- set relation = this.incorporate(type=kind) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if before is not none and before.type != kind -%}
        {%- do adapter.drop_relation(before) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        {{ statement_for(relation, sql) }}
    {%- endcall -%}
    {%- if kind == 'table' -%}{%- do create_indexes(relation) -%}{%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do persist_docs(relation, model) -%}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [relation]}) }}
{%- endmacro %}

{#- A table with a contract is made of the columns that it promises, then filled. -#}
{% macro replace_table_as(relation, query) -%}
    {{ config.get('sql_header') or '' }}
    {% if config.get('contract').enforced -%}
        {{ get_assert_columns_equivalent(query) }}
        create or replace table {{ relation }} {{ get_table_columns_and_constraints() }};
        insert into {{ relation }} {{ get_column_names() }} (
            {{ get_select_subquery(query) }}
        );
    {%- else -%}
        create or replace table {{ relation }} as (
            {{ query }}
        );
    {%- endif %}
{%- endmacro %}

{% macro replace_view_as(relation, query) -%}
    {{ config.get('sql_header') or '' }}
    {% if config.get('contract').enforced -%}{{ get_assert_columns_equivalent(query) }}{%- endif %}
    create or replace view {{ relation }} as (
        {{ query }}
    );
{%- endmacro %}
