{#-
  One end of the interval of a share (Wilson), at 4 decimals: `sign` is - or +, `width` how many standard errors. Null where
  nothing was counted. In doubles, of which every engine has the same: sums, products, quotients and roots.
-#}
{% macro share_bound(counted, total, width, sign) -%}
    {%- set n = "cast(nullif(" ~ total ~ ", 0) as " ~ type_double() ~ ")" -%}
    {%- set share = "(cast(" ~ counted ~ " as " ~ type_double() ~ ") / " ~ n ~ ")" -%}
    {%- set z = "cast(" ~ width ~ " as " ~ type_double() ~ ")" -%}
    cast(
        (
            {{ share }} + {{ z }} * {{ z }} / (2 * {{ n }})
            {{ sign }} {{ z }} * sqrt(greatest(({{ share }} * (1 - {{ share }}) + {{ z }} * {{ z }} / (4 * {{ n }})) / {{ n }}, cast(0 as {{ type_double() }})))
        ) / (1 + {{ z }} * {{ z }} / {{ n }})
    as decimal(5, 4))
{%- endmacro %}

{#- The standard error of an AUC (Hanley and McNeil 1982), as a double, so that no engine has a scale of its own. churned, stayed: how many of each it ranks. -#}
{% macro auc_error(auc, churned, stayed) -%}
    {%- set a = "cast(" ~ auc ~ " as " ~ type_double() ~ ")" -%}
    {%- set n1 = "cast(" ~ churned ~ " as " ~ type_double() ~ ")" -%}
    {%- set n0 = "cast(" ~ stayed ~ " as " ~ type_double() ~ ")" -%}
    sqrt(greatest(
        (
            {{ a }} * (1 - {{ a }})
            + ({{ n1 }} - 1) * ({{ a }} / nullif(2 - {{ a }}, 0) - {{ a }} * {{ a }})
            + ({{ n0 }} - 1) * (2 * {{ a }} * {{ a }} / nullif(1 + {{ a }}, 0) - {{ a }} * {{ a }})
        ) / nullif({{ n1 }} * {{ n0 }}, 0),
        cast(0 as {{ type_double() }})
    ))
{%- endmacro %}
