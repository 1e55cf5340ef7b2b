{#-
  The body of a canonical model: every `<system>__<table>` that the var `systems` names, with exactly these columns, cast to
  exactly these types. No system fills it: an empty table of the same shape, so that what is downstream still builds.

  columns: name -> text | timestamp | date | boolean | integer | money | number
-#}
{% macro canonical_table(table, columns) -%}
    {%- set systems = systems_filling(table) -%}
    with
    {%- for system in systems %}
    from_{{ system }} as (
        select
        {%- for name, kind in columns.items() %}
            cast({{ name }} as {{ canonical_type(kind) }}) as {{ name }}{{ "," if not loop.last }}
        {%- endfor %}
        from {{ ref(system ~ '__' ~ table) }}
    ),
    {%- endfor %}
    final as (
    {%- if not systems %}
        select
        {%- for name, kind in columns.items() %}
            cast(null as {{ canonical_type(kind) }}) as {{ name }}{{ "," if not loop.last }}
        {%- endfor %}
        where 1 = 0
    {%- endif %}
    {%- for system in systems %}
        select * from from_{{ system }}
        {%- if not loop.last %}
        union all
        {%- endif %}
    {%- endfor %}
    )
    select * from final
{%- endmacro %}

{% macro canonical_type(kind) -%}
    {%- set types = {
        'text': dbt.type_string(),
        'timestamp': dbt.type_timestamp(),
        'date': 'date',
        'boolean': 'boolean',
        'integer': 'integer',
        'money': 'decimal(18, 4)',
        'number': type_double(),
    } -%}
    {%- if kind not in types -%}
        {{ exceptions.raise_compiler_error("canonical_table: unknown type '" ~ kind ~ "'; use one of " ~ types.keys() | join(', ')) }}
    {%- endif -%}
    {{ return(types[kind]) }}
{%- endmacro %}
