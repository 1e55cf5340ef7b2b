{#-
  Asserts the grain and the completeness of a table in one scan: the key columns together identify a row, and neither they nor
  the required columns are null. worked_out: the date of a table that is kept from run to run, of which then only what this run worked out is
  looked at; rebuilds: by whose dates it did. Returns one row per key that breaks it, with the number of rows and of nulls.
-#}
{% test sound_rows(model, key, required=[], worked_out=none, rebuilds='int_rebuilds') %}
    select
        {{ key | join(', ') }},
        count(*) as row_count,
        sum(
            {%- for column in key + required %}
            case when {{ column }} is null then 1 else 0 end{{ " +" if not loop.last }}
            {%- endfor %}
        ) as null_count
    from {{ rows_worked_out(model, worked_out, rebuilds) ~ ' as worked_out' if worked_out else model }}
    group by {{ key | join(', ') }}
    having
        count(*) > 1
        or sum(
            {%- for column in key + required %}
            case when {{ column }} is null then 1 else 0 end{{ " +" if not loop.last }}
            {%- endfor %}
        ) > 0
{% endtest %}
