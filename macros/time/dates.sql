{#- The project's calendar day of a UTC timestamp: the day ends at midnight in var time_zone. -#}
{% macro local_date(expression) -%}
    {%- if var('time_zone') == 'UTC' -%}
        cast({{ expression }} as date)
    {%- else -%}
        {{ adapter.dispatch('local_date_in_zone', 'strata')(expression, var('time_zone')) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__local_date_in_zone(expression, zone) -%}
    cast((({{ expression }} at time zone 'UTC') at time zone '{{ zone }}') as date)
{%- endmacro %}

{% macro spark__local_date_in_zone(expression, zone) -%}
    cast(from_utc_timestamp({{ expression }}, '{{ zone }}') as date)
{%- endmacro %}

{#-
  The UTC moment of one that a source tells in local time: a day without a time is its first moment there. Only for columns that name no zone: what is UTC
  already would be moved. zone: that of the source; else var time_zone.
-#}
{% macro local_to_utc(expression, zone=none) -%}
    {%- if (zone or var('time_zone')) == 'UTC' -%}
        {{ expression }}
    {%- else -%}
        {{ adapter.dispatch('local_to_utc_from_zone', 'strata')(expression, zone or var('time_zone')) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__local_to_utc_from_zone(expression, zone) -%}
    ((cast({{ expression }} as {{ dbt.type_timestamp() }}) at time zone '{{ zone }}') at time zone 'UTC')
{%- endmacro %}

{% macro spark__local_to_utc_from_zone(expression, zone) -%}
    to_utc_timestamp({{ expression }}, '{{ zone }}')
{%- endmacro %}

{#- The run's own day. An argument, never the clock. -#}
{% macro as_of_date() -%}
    cast('{{ as_of_day() }}' as date)
{%- endmacro %}

{#-
  The same as text: the variable STRATA_AS_OF_DATE of the environment, else var as_of_date. `strata` hands the day over in the
  environment, for a var that changes every day would make dbt parse the whole project every day.
-#}
{% macro as_of_day() -%}
    {{ return(env_var('STRATA_AS_OF_DATE', '') or var('as_of_date') | string) }}
{%- endmacro %}

{% macro add_days(date_expression, days) -%}
    cast({{ dbt.dateadd('day', days, date_expression) }} as date)
{%- endmacro %}

{#- Whole days from the first date to the second. -#}
{% macro days_between(first, second) -%}
    {{ dbt.datediff(first, second, 'day') }}
{%- endmacro %}

{#- Does a half-open window [valid_from, valid_to), null end = still open, hold on a date? The one reading of validity windows. -#}
{% macro holds_on(window, date_expression, valid_from='valid_from', valid_to='valid_to') -%}
    ({{ window }}.{{ valid_from }} <= {{ date_expression }}
        and ({{ window }}.{{ valid_to }} is null or {{ date_expression }} < {{ window }}.{{ valid_to }}))
{%- endmacro %}

{#- The earlier of two ends of half-open windows, where null means open. -#}
{% macro earlier_end(first, second) -%}
    case when {{ first }} is null then {{ second }} when {{ second }} is null then {{ first }} else least({{ first }}, {{ second }}) end
{%- endmacro %}

{#- The sum of whole numbers up to and with a date, per account; nothing counts as 0. -#}
{% macro running_sum(expression, account, date_expression) -%}
    cast(sum(coalesce({{ expression }}, 0)) over (
        partition by {{ account }} order by {{ date_expression }}
        rows between unbounded preceding and current row
    ) as bigint)
{%- endmacro %}
