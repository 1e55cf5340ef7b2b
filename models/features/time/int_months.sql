{%- if not (var('calendar_start_date') | string).endswith('-01') -%}
    {{ exceptions.raise_compiler_error("var calendar_start_date is '" ~ var('calendar_start_date') ~ "'; use the first day of a month") }}
{%- endif -%}
with months as (
    {{ dbt.date_spine(
        'month',
        "cast('" ~ var('calendar_start_date') ~ "' as date)",
        dbt.dateadd('month', 1, as_of_date())
    ) }}
),

dated as (
    select
        cast(date_month as date) as month,
        {{ add_days(dbt.dateadd('month', 1, 'date_month'), -1) }} as last_day
    from months
),

final as (
    select
        month,
        least(last_day, {{ as_of_date() }}) as observed_on,
        last_day <= {{ as_of_date() }} as is_complete
    from dated
)

select * from final
