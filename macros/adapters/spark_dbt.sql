{#-
  What dbt-spark itself does otherwise than dbt says, or not at all. dbt looks for these names here before it looks in the
  adapter, so the models go on saying dbt.dateadd, dbt.datediff, dbt.listagg and dbt.split_part.
-#}

{#- dbt-spark goes through whole seconds and loses the fraction; this keeps it. Months end on the last day there is, as elsewhere. -#}
{% macro spark__dateadd(datepart, interval, from_date_or_timestamp) -%}
    timestampadd({{ datepart }}, cast({{ interval }} as int), cast({{ from_date_or_timestamp }} as timestamp))
{%- endmacro %}

{#-
  dbt-spark counts begun minutes and hours, and months by their length. Here, as in dbt on DuckDB and PostgreSQL: the number of
  boundaries between the two, so that 10:59:59 to 11:00:00 is one minute and January 31 to February 1 one month.
-#}
{% macro spark__datediff(first_date, second_date, datepart) -%}
    {%- if datepart == 'day' -%}
        datediff(cast({{ second_date }} as date), cast({{ first_date }} as date))
    {%- elif datepart in ['month', 'quarter', 'year'] -%}
        {%- set months = {'month': 1, 'quarter': 3, 'year': 12}[datepart] -%}
        ((12 * year({{ second_date }}) + month({{ second_date }}) - 1) div {{ months }}
            - (12 * year({{ first_date }}) + month({{ first_date }}) - 1) div {{ months }})
    {%- elif datepart in ['hour', 'minute', 'second'] -%}
        {%- set seconds = {'hour': 3600, 'minute': 60, 'second': 1}[datepart] -%}
        ((unix_seconds(date_trunc('{{ datepart }}', {{ second_date }})) - unix_seconds(date_trunc('{{ datepart }}', {{ first_date }})))
            div {{ seconds }})
    {%- else -%}
        {{ exceptions.raise_compiler_error("datediff on Spark: unknown part '" ~ datepart ~ "'; use day, month, quarter, year, hour, minute or second") }}
    {%- endif -%}
{%- endmacro %}

{#- dbt-spark drops the order, and gives '' where nothing was to be listed. Order is by one expression, ascending. -#}
{% macro spark__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    {%- set order_by = (order_by_clause or ('order by ' ~ measure)).strip() -%}
    {%- if limit_num or not order_by.lower().startswith('order by ') or order_by.lower().endswith(' desc') -%}
        {{ exceptions.raise_compiler_error("listagg on Spark: an ascending order by one expression and no limit, not '" ~ order_by_clause ~ "'") }}
    {%- endif -%}
    {%- set key = order_by[9:] -%}
    case
        when count({{ measure }}) > 0
            then array_join(
                transform(
                    array_sort(collect_list(case when ({{ measure }}) is not null then struct({{ key }} as sort_key, {{ measure }} as listed) end)),
                    element -> element.listed
                ),
                {{ delimiter_text }}
            )
    end
{%- endmacro %}

{#- dbt-spark splits by a regular expression; this splits by the text itself, and gives '' for a part that is not there. -#}
{% macro spark__split_part(string_text, delimiter_text, part_number) -%}
    split_part({{ string_text }}, {{ delimiter_text }}, {{ part_number }})
{%- endmacro %}

{#-
  Rows of a seed. In a session dbt-spark puts cells between quotes as they are: an empty cell becomes the word None and an
  apostrophe ends the text. Here every cell is a literal, an empty one is null.
-#}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set statements = [] -%}
    {%- for chunk in agate_table.rows | batch(1000) -%}
        {%- set sql -%}
            insert into {{ this.render() }}
            select
                {%- for name in agate_table.column_names %}
                cast(col{{ loop.index }} as {{ types.get(name, adapter.convert_type(agate_table, loop.index0)) }}){{ "," if not loop.last }}
                {%- endfor %}
            from values
            {%- for row in chunk %}
            (
                {%- for cell in row -%}
                    {{ spark_text_literal(cell) }}{{ ", " if not loop.last }}
                {%- endfor -%}
            ){{ "," if not loop.last }}
            {%- endfor %}
        {%- endset -%}
        {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
        {%- do statements.append(sql) -%}
    {%- endfor -%}
    {{ return(statements[0] if statements else '') }}
{%- endmacro %}

{% macro spark_text_literal(cell) -%}
    {%- if cell is none -%}
        cast(null as string)
    {%- else -%}
        '{{ (cell | string) | replace("\\", "\\\\") | replace("'", "\\'") }}'
    {%- endif -%}
{%- endmacro %}
