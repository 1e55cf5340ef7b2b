{#-
  The observed history: what a source said on which day, for rows that it overwrites. A run appends the rows that it finds changed since
  they were last looked at, and nothing is ever taken away: not by --full-refresh, not by a run for an earlier day. Beside the ledger of
  publications this is all that Strata remembers.
-#}

{#-
  The rest of an observed table: columns that may be overwritten, whenever they differ from what was last seen.
  The first row of a key is taken to have always been so. A run for a day before the last observation looks at nothing: what the raw
  tables say now was not said then.

  rows_now: the CTE of rows as they are now, with created_at: what comes to be after the run's day is not seen yet.
  key: the column that names a row. To be called after the CTE, as `with rows_now as (…), observed(…)`.
  parent: where given, a row that is gone while its parent still has others was taken off, and is_taken_off (one of columns) says since
  when. One that went with all others is only not there: a table that did not come in full must not be remembered as an end.
-#}
{% macro observed(rows_now, key, columns, parent=none) -%}
    now as (
        select
            {{ key }},
            {%- for column in columns %}
            {{ column }}{{ "," if not loop.last }}
            {%- endfor %}
        from {{ rows_now }}
        where {{ local_date('created_at') }} <= {{ as_of_date() }}
    ),

    known as (
        {%- if flags.INTROSPECT and is_incremental() %}
        select * from {{ this }}
        {%- else %}
        select
            *,
            cast(null as date) as observed_on,
            cast(null as integer) as observation
        from now
        where 1 = 0
        {%- endif %}
    ),

    ranked as (
        select
            *,
            row_number() over (partition by {{ key }} order by observation desc) as recency
        from known
    ),

    last_said as (
        select * from ranked
        where recency = 1
    ),

    last_look as (
        select coalesce(max(observed_on), {{ as_of_date() }}) as observed_on from known
    ),

    final as (
        select
            now.*,
            {{ as_of_date() }} as observed_on,
            cast(coalesce(last_said.observation, 0) + 1 as integer) as observation
        from now
        inner join last_look
            on last_look.observed_on <= {{ as_of_date() }}
        left join last_said
            on now.{{ key }} = last_said.{{ key }}
        where
            last_said.{{ key }} is null
            {%- for column in columns %}
            or now.{{ column }} is distinct from last_said.{{ column }}
            {%- endfor %}
        {%- if parent %}
        union all
        select
            last_said.{{ key }},
            {%- for column in columns %}
            {{ 'true as is_taken_off' if column == 'is_taken_off' else 'last_said.' ~ column }},
            {%- endfor %}
            {{ as_of_date() }} as observed_on,
            cast(last_said.observation + 1 as integer) as observation
        from last_said
        inner join last_look
            on last_look.observed_on <= {{ as_of_date() }}
        inner join (select distinct {{ parent }} from now) as parents
            on last_said.{{ parent }} = parents.{{ parent }}
        left join now
            on last_said.{{ key }} = now.{{ key }}
        where now.{{ key }} is null and not last_said.is_taken_off
        {%- endif %}
    )
{%- endmacro %}

{#-
  What was said about each key from when to when, by days, as a query: key, columns, valid_from, valid_to. valid_from is null for what was
  seen first, because it counts from the beginning; of several observations of a day the last one stands.
-#}
{% macro observed_windows(relation, key, columns) -%}
    select
        {{ key }},
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        case when observation_of_key > 1 then observed_on end as valid_from,
        lead(observed_on) over (partition by {{ key }} order by observed_on) as valid_to
    from (
        select
            *,
            row_number() over (partition by {{ key }} order by observed_on) as observation_of_key
        from (
            select
                *,
                row_number() over (partition by {{ key }}, observed_on order by observation desc) as recency_on_day
            from {{ relation }}
        ) as of_day
        where recency_on_day = 1
    ) as numbered
{%- endmacro %}
