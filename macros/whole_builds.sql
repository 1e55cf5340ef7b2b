{#-
  Whole builds. Only what one run built and tested as a whole is for readers, and the build says so of itself: by a table of one row,
  which a run takes away before it changes any other table, and puts back only when it built everything and every test passed. A run that
  failed, was killed, took a part or left tests out leaves no such row, and `strata publish` refuses what it left.
-#}

{#- Where that row is: beside the snapshots, where `strata` looks for it (strata/last_build.py). None in a project without models. -#}
{% macro whole_build_relation() -%}
    {%- set snapshots = relation_of('int_snapshots') -%}
    {{ return(snapshots.incorporate(path={'identifier': 'whole_build'}) if snapshots else none) }}
{%- endmacro %}

{#- Before a run (on-run-start). A run of tests alone changes no table. -#}
{% macro forget_the_whole_build() -%}
    {%- if execute and whole_build_relation() is not none -%}
        {%- set changing = graph.nodes.values() | selectattr('resource_type', 'in', ['model', 'seed', 'snapshot'])
            | selectattr('unique_id', 'in', selected_resources) | list -%}
        {%- if changing and load_relation(whole_build_relation()) is not none -%}
            drop table if exists {{ whole_build_relation() }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#-
  After a run (on-run-end): which run it was, for which day and of which systems. One statement, for Spark takes one at a time.
  Tests of a model that is switched off stay in the graph, switched off themselves.
-#}
{% macro remember_the_whole_build() -%}
    {%- if execute and flags.WHICH == 'build' and not flags.EMPTY and whole_build_relation() is not none -%}
        {%- set whole = graph.nodes.values() | selectattr('resource_type', 'in', ['seed', 'snapshot', 'model', 'test'])
            | selectattr('config.enabled') | rejectattr('config.materialized', 'equalto', 'ephemeral') | map(attribute='unique_id') | list -%}
        {%- set fine = results | selectattr('status', 'in', ['success', 'pass', 'warn']) | map(attribute='node.unique_id') | list -%}
        {%- set failed = results | selectattr('status', 'in', ['error', 'fail', 'runtime error', 'skipped', 'partial success']) | list -%}
        {%- if not failed and not whole | reject('in', fine) | list -%}
            create table {{ whole_build_relation() }} as
            select
                '{{ invocation_id }}' as invocation_id,
                {{ as_of_date() }} as as_of_date,
                '{{ var("systems") | sort | join(", ") }}' as systems
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
