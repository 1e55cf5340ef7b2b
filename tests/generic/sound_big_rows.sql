{#-
  The same as sound_rows, for tables of many millions of rows whose key is one column of text: keys are compared by a number first,
  which takes a fraction of the memory, and only those that share one are looked at. occurred_at: the time of events, of which then only
  the days that this run rolls up are looked at. The first of them stands in the statement as it is, wider by a day for local time, for then
  engines skip what lies before it. Returns one row per key that breaks it.
-#}
{% test sound_big_rows(model, key, required=[], occurred_at=none) %}
    {%- set first_day = none -%}
    {%- if occurred_at and execute and flags.INTROSPECT and load_relation(ref('int_days_to_roll_up')) is not none -%}
        {%- set first_day = run_query('select min(activity_date) from ' ~ ref('int_days_to_roll_up')).columns[0].values()[0] or '9999-12-01' -%}
    {%- endif -%}
    {%- set rows_looked_at -%}
        {%- if occurred_at -%}
            (
                select * from {{ model }}
                where
                    {{ occurred_at }} is null
                    or (
                        {{ local_date(occurred_at) }} in (select activity_date from {{ ref('int_days_to_roll_up') }})
                        {%- if first_day %}
                        and {{ occurred_at }} >= {{ moment_read_from("'" ~ first_day ~ "'") }}
                        {%- endif %}
                    )
            )
        {%- else -%}
            {{ model }}
        {%- endif -%}
    {%- endset %}
    with numbered as (
        select {{ text_hash(key) }} as key_hash from {{ rows_looked_at }} as all_rows
    ),

    repeated as (
        {{ repeated_numbers('numbered', 'key_hash') }}
    ),

    suspects as (
        select all_rows.*
        from {{ rows_looked_at }} as all_rows
        left join repeated
            on {{ text_hash('all_rows.' ~ key) }} = repeated.key_hash
        where
            repeated.key_hash is not null
            {%- for column in [key] + required %}
            or all_rows.{{ column }} is null
            {%- endfor %}
    )

    select
        {{ key }},
        count(*) as row_count,
        sum(
            {%- for column in [key] + required %}
            case when {{ column }} is null then 1 else 0 end{{ " +" if not loop.last }}
            {%- endfor %}
        ) as null_count
    from suspects
    group by {{ key }}
    having
        count(*) > 1
        or sum(
            {%- for column in [key] + required %}
            case when {{ column }} is null then 1 else 0 end{{ " +" if not loop.last }}
            {%- endfor %}
        ) > 0
{% endtest %}
