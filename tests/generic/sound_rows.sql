{#-
  Asserts the grain and the completeness of a table in one scan: the key columns together identify a row, and neither they nor
  the required columns are null. worked_out: the date of a table that is kept from run to run, of which then only what this run worked out is
  looked at; rebuilds: by whose dates it did. required_with: by canonical table, what is required besides where some system fills it.
  Returns one row per key that breaks it, with the number of rows and of nulls.
-#}
{% test sound_rows(model, key, required=[], worked_out=none, rebuilds='int_rebuilds', required_with={}) %}
    {%- set wanted = namespace(columns=key + required) -%}
    {%- for canonical_table, columns in required_with.items() if systems_filling(canonical_table) -%}
        {%- set wanted.columns = wanted.columns + columns -%}
    {%- endfor %}
    select
        {{ key | join(', ') }},
        count(*) as row_count,
        sum(
            {%- for column in wanted.columns %}
            case when {{ column }} is null then 1 else 0 end{{ " +" if not loop.last }}
            {%- endfor %}
        ) as null_count
    from {{ rows_worked_out(model, worked_out, rebuilds) ~ ' as worked_out' if worked_out else model }}
    group by {{ key | join(', ') }}
    having
        count(*) > 1
        or sum(
            {%- for column in wanted.columns %}
            case when {{ column }} is null then 1 else 0 end{{ " +" if not loop.last }}
            {%- endfor %}
        ) > 0
{% endtest %}
