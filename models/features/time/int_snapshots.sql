{#- A run for a day before the history starts has that day as its only snapshot. -#}
{%- set first_day = [var('history_start_date') | string, as_of_day()] | min -%}

with days as (
    {{ dbt.date_spine(
        'day',
        "cast('" ~ first_day ~ "' as date)",
        add_days(as_of_date(), 1)
    ) }}
),

dated as (
    select cast(date_day as date) as snapshot_date from days
),

final as (
    select
        snapshot_date,
        snapshot_date = {{ as_of_date() }} as is_current
    from dated
    where
        snapshot_date = {{ as_of_date() }}
        {%- if var('snapshot_grain') == 'day' %}
        or 1 = 1
        {%- elif var('snapshot_grain') == 'week' %}
        -- 2000-01-02 was a Sunday: weeks end on Sundays.
        or mod({{ days_between("cast('2000-01-02' as date)", 'snapshot_date') }}, 7) = 0
        {%- elif var('snapshot_grain') == 'month' %}
        or extract(day from {{ add_days('snapshot_date', 1) }}) = 1
        {%- else %}
        {{ exceptions.raise_compiler_error("var snapshot_grain is '" ~ var('snapshot_grain') ~ "'; use day, week or month") }}
        {%- endif %}
)

select * from final
