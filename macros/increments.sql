{#-
  Increments. What grows with every snapshot is kept from run to run; a run works out again only what its inputs could have changed.

  int_input_digests says what a run is built from: a digest of the rows of each account (or of what belongs to one) by the week they
  are dated. After a run that ended well the digests are kept beside it. The next run compares: by law 3 a row changes nothing before
  its own date, so an account is worked out again from the date of the earliest row that differs (int_rebuilds), and nothing else is.
  Nothing is marked as done before everything is, so a run that was killed is simply done again: what it began is written down before it begins, for its
  input may have been taken back since.
-#}

{#-
  Strategy `rebuilds`: of every account, rows since the date from which it is worked out again. The last column of unique_key is that
  date. The snapshot before it is worked out too, to be compared with, and is not written. The earliest of the dates stands in the statement as it is,
  for then engines skip what lies before it without reading it.
  What depends on more than int_rebuilds knows of names another model with its columns: meta={'rebuilds': …}.
-#}
{% macro get_incremental_rebuilds_sql(arguments) %}
    {%- set date_column = config.get('unique_key')[-1] -%}
    {%- set rebuilds = rebuilds_of_the_model() -%}
    {%- set earliest = run_query('select min(rebuild_from) from ' ~ rebuilds).columns[0].values()[0] -%}
    delete from {{ arguments['target_relation'] }} as kept
    using {{ rebuilds }} as rebuilds
    where
        kept.account_id = rebuilds.account_id
        {%- if earliest %}
        and kept.{{ date_column }} >= cast('{{ earliest }}' as date)
        {%- endif %}
        and kept.{{ date_column }} >= rebuilds.rebuild_from;
    {{ insert_rows(arguments) }}
    inner join {{ rebuilds }} as rebuilds
        on worked_out.account_id = rebuilds.account_id and worked_out.{{ date_column }} >= rebuilds.rebuild_from
{% endmacro %}

{% macro rebuilds_of_the_model() -%}
    {{ return(relation_of((config.get('meta') or {}).get('rebuilds', 'int_rebuilds'))) }}
{%- endmacro %}

{#- Rows of account_id and rebuild_from, and beside them read_from: what is compared with the snapshot before needs that one, too. -#}
{% macro with_the_snapshot_before(dated) -%}
    select
        dated.account_id,
        dated.rebuild_from,
        coalesce(before.snapshot_date, dated.rebuild_from) as read_from
    from {{ dated }} as dated
    left join (
        select
            rebuilds.rebuild_from,
            max(snapshots.snapshot_date) as snapshot_date
        from (select distinct rebuild_from from {{ dated }}) as rebuilds
        inner join {{ ref('int_snapshots') }} as snapshots
            on snapshots.snapshot_date < rebuilds.rebuild_from
        group by rebuilds.rebuild_from
    ) as before
        on dated.rebuild_from = before.rebuild_from
{%- endmacro %}

{#-
  Of a table that is kept from run to run, what this run works out. Tests look at that alone: what it leaves was looked at when it was
  worked out, and the first run and --full-refresh work out everything. rebuilds: whose dates; since: rebuild_from, or read_from for the snapshot before, too.
  The days are said as a list besides, for then engines skip what lies before them without reading it.
-#}
{% macro rows_worked_out(relation, date_column='snapshot_date', rebuilds='int_rebuilds', since='rebuild_from') -%}
    (
        select kept.*
        from {{ relation }} as kept
        inner join {{ ref(rebuilds) }} as rebuilds
            on kept.account_id = rebuilds.account_id and kept.{{ date_column }} >= rebuilds.{{ since }}
        where
            kept.{{ date_column }} in (
                select days.day
                from {{ ref('int_days') }} as days
                inner join (select min({{ since }}) as since from {{ ref(rebuilds) }}) as earliest
                    on days.day >= earliest.since
            )
    )
{%- endmacro %}

{#- Strategy `days`: the days of use that are rolled up again. -#}
{% macro get_incremental_days_sql(arguments) %}
    delete from {{ arguments['target_relation'] }}
    where activity_date in (select activity_date from {{ relation_of('int_days_to_roll_up') }});
    {{ insert_rows(arguments) }}
{% endmacro %}

{% macro insert_rows(arguments) %}
    {%- set columns = arguments['dest_columns'] | map(attribute='quoted') | list -%}
    insert into {{ arguments['target_relation'] }} ({{ columns | join(', ') }})
    select worked_out.{{ columns | join(', worked_out.') }}
    from {{ arguments['temp_relation'] }} as worked_out
{% endmacro %}

{#- The relation of a model by its name, where ref() is not to be had: strategies and hooks. -#}
{% macro relation_of(model_name, suffix='') -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.name == model_name -%}
        {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias ~ suffix, type='table')) }}
    {%- endfor -%}
{%- endmacro %}

{#- The models that are kept from run to run. -#}
{% macro accumulated_models() -%}
    {{ return(graph.nodes.values() | selectattr('resource_type', 'equalto', 'model')
        | selectattr('config.incremental_strategy', 'in', ['rebuilds', 'days']) | list) }}
{%- endmacro %}

{#-
  What the tables that stand were built from, as a query with the columns of the digests; no row where nothing is known, so that all
  is worked out: the first run, --full-refresh, a table that somebody dropped, a compilation without a connection.
-#}
{% macro built_from(digests) -%}
    {%- set known = namespace(relation=none) -%}
    {%- if execute and flags.INTROSPECT and not flags.FULL_REFRESH -%}
        {%- set known.relation = load_relation(relation_of(digests, '_built')) -%}
        {%- for node in accumulated_models() if load_relation(relation_of(node.name)) is none -%}
            {%- set known.relation = none -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if known.relation is not none -%}
        select * from {{ known.relation }}
    {%- else -%}
        select * from {{ ref(digests) }} where 1 = 0
    {%- endif -%}
{%- endmacro %}

{#-
  Before a run (on-run-start): a kept table that is built from nothing needs all of its input to be worked out, and what int_rebuilds left from the run
  before may be one day of it.
-#}
{% macro refuse_half_a_refresh() -%}
    {%- if execute and flags.WHICH in ['build', 'run'] -%}
        {%- for node in accumulated_models() if node.unique_id in selected_resources and node.config.incremental_strategy == 'rebuilds' -%}
            {%- if (flags.FULL_REFRESH or load_relation(relation_of(node.name)) is none) and not all_is_worked_out() -%}
                {{ exceptions.raise_compiler_error(
                    node.name ~ ' keeps its rows from run to run; built anew alone it would hold those of one day. Remedy: select +' ~ node.name
                    ~ ', or everything.'
                ) }}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{#- Is int_rebuilds in this run, or did the run before it work out everything? -#}
{% macro all_is_worked_out() -%}
    {%- set rebuilds = load_relation(relation_of('int_rebuilds')) -%}
    {%- for node in graph.nodes.values() if node.unique_id in selected_resources and node.name == 'int_rebuilds' -%}
        {{ return(true) }}
    {%- endfor -%}
    {%- if rebuilds is none -%}
        {{ return(true) }}
    {%- endif -%}
    {{ return(run_query('select count(*) from ' ~ rebuilds ~ " where rebuild_from > cast('1900-01-01' as date)").columns[0].values()[0] == 0) }}
{%- endmacro %}

{#- After a run (on-run-end): keeps the digests it was built from, if all that accumulates was built by it. -#}
{% macro remember_what_was_built() -%}
    {%- if execute and flags.WHICH in ['build', 'run'] -%}
        {%- set done = results | selectattr('status', 'in', ['success']) | map(attribute='node.unique_id') | list -%}
        {%- set missing = accumulated_models() | map(attribute='unique_id') | reject('in', done) | list -%}
        {%- if done and accumulated_models() and not missing -%}
            {%- for remembered in ['int_usage_digests', 'int_input_digests', 'int_stage_stalls'] -%}
                {{ keep_a_copy(relation_of(remembered), relation_of(remembered, '_built')) }}
            {%- endfor -%}
            {%- for finished in ['int_days_to_roll_up', 'int_rebuilds', 'int_play_rebuilds'] -%}
                {{ in_turn(['drop table if exists ' ~ relation_of(finished, '_begun')]) }}
            {%- endfor -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro keep_a_copy(table, kept) -%}
    {{ in_turn(['drop table if exists ' ~ kept, 'create table ' ~ kept ~ stored_as() ~ ' as select * from ' ~ table]) }}
{%- endmacro %}

{#- A post-hook of the models that say what a run works out again: that the run has begun with it. columns: as in begun(). -#}
{% macro remember_what_is_begun(columns) -%}
    {%- if execute -%}
        {%- set begun = relation_of(model.name, '_begun') -%}
        {%- set rows = 'select ' ~ columns | join(', ') ~ ' from ' ~ this -%}
        {{ in_turn([
            'create table if not exists ' ~ begun ~ stored_as() ~ ' as ' ~ rows ~ ' where 1 = 0',
            'insert into ' ~ begun ~ ' (' ~ columns | join(', ') ~ ') ' ~ rows,
        ]) }}
    {%- endif -%}
{%- endmacro %}

{#- The statements of a hook, one after the other. Dispatched because Spark takes one at a time. -#}
{% macro in_turn(statements) -%}
    {{ return(adapter.dispatch('in_turn', 'strata')(statements)) }}
{%- endmacro %}

{% macro default__in_turn(statements) -%}
    {%- for statement in statements %}
    {{ statement }};
    {%- endfor %}
{%- endmacro %}

{% macro spark__in_turn(statements) -%}
    {%- for statement in statements -%}
        {%- do run_query(statement) -%}
    {%- endfor -%}
{%- endmacro %}

{#- How a table that a hook makes is stored. Dispatched because Spark would make one of Hive. -#}
{% macro stored_as() -%}
    {{ return(adapter.dispatch('stored_as', 'strata')()) }}
{%- endmacro %}

{% macro default__stored_as() -%}{%- endmacro %}
{% macro spark__stored_as() %} using parquet{% endmacro %}

{#-
  What runs have begun with since the last one that ended well, as a query. Their input may have been taken back, so that nothing differs from
  what was built; what they had written by then has to be worked out all the same. columns: name and type of what remember_what_is_begun kept.
-#}
{% macro begun(model_name, columns) -%}
    {%- set known = namespace(relation=none) -%}
    {%- if execute and flags.INTROSPECT and not flags.FULL_REFRESH -%}
        {%- set known.relation = load_relation(relation_of(model_name, '_begun')) -%}
    {%- endif -%}
    {%- if known.relation is not none -%}
        select distinct {{ columns | join(', ') }} from {{ known.relation }}
    {%- else -%}
        select
        {%- for name, type in columns.items() %}
            cast(null as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
        where 1 = 0
    {%- endif -%}
{%- endmacro %}

{#- A text that changes with the models and with the vars that shape every row. A macro that was edited does not change it. -#}
{% macro code_digest() -%}
    {%- set parts = [] -%}
    {%- for name in ['history_start_date', 'calendar_start_date', 'snapshot_grain', 'time_zone', 'reporting_currency', 'systems'] -%}
        {%- do parts.append(var(name) | string) -%}
    {%- endfor -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
            {%- do parts.append(node.name ~ node.checksum.checksum) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(local_md5(parts | sort | join(' '))) }}
{%- endmacro %}

{#-
  One arm of a table of digests: rows of `relation` as owner, date, digest.
  owner_type: account, everybody, or a type of entity that int_account_match_windows leads to an account.
  owner, since: SQL over the alias `inputs`; since: the date that the row is dated, null where it has none.
-#}
{% macro input_digests(owner_type, owner, since, relation, condition='1 = 1') -%}
    select
        '{{ owner_type }}' as owner_type,
        cast({{ owner }} as {{ dbt.type_string() }}) as owner_id,
        cast({{ since }} as date) as since,
        {{ row_digest('inputs') }} as digest
    from {{ relation }} as inputs
    where {{ condition }}
{%- endmacro %}

{#-
  Digests that were added, are gone or differ: owner_type, owner_id, since.
  A digest is a sum over rows, so that their order does not matter; the number of rows stands beside it.
-#}
{% macro changed_digests(now, built) -%}
    select
        owner_type,
        owner_id,
        since
    from (
        select * from {{ now }}
        union all
        select * from {{ built }}
    ) as both_runs
    group by owner_type, owner_id, since
    having count(*) = 1 or min(digest) <> max(digest) or min(row_count) <> max(row_count)
{%- endmacro %}

{#- The seeds whose rows decide about every account, all of them dated. -#}
{% macro policy_seeds() -%}
    {{ return([
        'attributes', 'band_sets', 'bands', 'brands', 'churn_risk_coefficients', 'currency_rates', 'efforts', 'friction_windows',
        'match_methods', 'milestones', 'parameters', 'plays', 'policy_versions', 'rule_conditions', 'rule_sets', 'rules', 'score_components',
        'score_groups', 'score_limits', 'score_points', 'score_profiles', 'score_weights', 'segment_crosswalks', 'segment_margins',
        'segment_schemes', 'segment_stability', 'segments', 'stages',
    ]) }}
{%- endmacro %}
