{#- The day that lies a number of days before a date; null where the number is. -#}
{% macro days_ago(date_expression, days) -%}
    {{ add_days(date_expression, '-cast(' ~ days ~ ' as integer)') }}
{%- endmacro %}

{#- The day on which the next contact of a kind is owed: a cadence after the last one, never before the day since which it is owed at all; null where none is owed. -#}
{% macro owed_on(counts_from, cadence_days, owed_since) -%}
    case when {{ cadence_days }} is not null then greatest({{ add_days(counts_from, cadence_days) }}, {{ owed_since }}) end
{%- endmacro %}

{#-
  Of rows by snapshot, the number of the stretch in which something owed (touch or review) is late. A row goes on with the stretch of the row
  before when both are late for the same last contact; every other row begins one.
-#}
{% macro late_stretch(kind) -%}
    sum(case
        when {{ kind }}_was_owed and {{ kind }}_owed_on <= snapshot_date and {{ kind }}_counts_from = {{ kind }}_counted_before then 0
        else 1
    end) over (partition by account_id order by snapshot_date rows between unbounded preceding and current row)
{%- endmacro %}

{#- The day since which it is late, or on which it will be: the earliest day owed since the stretch began. -#}
{% macro late_since(kind) -%}
    min({{ kind }}_owed_on) over (
        partition by account_id, {{ kind }}_stretch order by snapshot_date
        rows between unbounded preceding and current row
    )
{%- endmacro %}

{#- Days that something owed is late on a date: 0 where it is not late or not owed. -#}
{% macro days_late(due_on, date_expression) -%}
    cast(coalesce(greatest({{ days_between(due_on, date_expression) }}, 0), 0) as integer)
{%- endmacro %}

{#- The first day of the stretch that a snapshot of var snapshot_grain stands for: weeks begin on Mondays. 2000-01-03 was one. -#}
{% macro snapshot_period_start(date_expression) -%}
    {%- if var('snapshot_grain') == 'week' -%}
        {{ add_days(date_expression, "-mod(" ~ days_between("cast('2000-01-03' as date)", date_expression) ~ ", 7)") }}
    {%- elif var('snapshot_grain') == 'month' -%}
        cast({{ dbt.date_trunc('month', date_expression) }} as date)
    {%- else -%}
        {{ date_expression }}
    {%- endif -%}
{%- endmacro %}

{#- The last day of the stretch that begins on a day of snapshot_period_start. -#}
{% macro snapshot_period_end(period_start) -%}
    {%- if var('snapshot_grain') == 'week' -%}
        {{ add_days(period_start, 6) }}
    {%- elif var('snapshot_grain') == 'month' -%}
        {{ add_days(dbt.dateadd('month', 1, period_start), -1) }}
    {%- else -%}
        {{ period_start }}
    {%- endif -%}
{%- endmacro %}

{#- The value of a parameter, in a query over the rows of parameters that are in force. -#}
{% macro parameter_value(parameter) -%}
    max(case when parameter = '{{ parameter }}' then parameter_value end)
{%- endmacro %}

{#- A number of statistics at 4 decimals, null unless the condition is known. Doubles stay inside models. A number beyond 10^12 says no more than that one, and would not fit. -#}
{% macro rounded(expression, condition) -%}
    cast(case when {{ condition }} is not null then round(cast(least({{ expression }}, 1000000000000) as decimal(28, 10)), 4) end as decimal(18, 4))
{%- endmacro %}
