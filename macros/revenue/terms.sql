{#-
  The first day after a date on which a whole term ends; terms are counted from a day on. Months are counted by the calendar, so the term of that count may have
  ended already: then it is the next. Terms of weeks or days are no whole months, so the quotient must be the same everywhere before it is cut.
-#}
{% macro end_of_term(terms_from, term_months, date_expression) -%}
    {%- set over = "floor(" ~ divide_exact(dbt.datediff(terms_from, date_expression, 'month'), term_months) ~ ")" -%}
    {%- set this_end = add_days(dbt.dateadd('month', "cast(round(" ~ over ~ " * " ~ term_months ~ ", 0) as integer)", terms_from), 0) -%}
    {%- set next_end = add_days(dbt.dateadd('month', "cast(round((" ~ over ~ " + 1) * " ~ term_months ~ ", 0) as integer)", terms_from), 0) -%}
    case when {{ this_end }} > {{ date_expression }} then {{ this_end }} else {{ next_end }} end
{%- endmacro %}
