{#-
  What happened to an owner's MRR between two dates, null when nothing did. The crossings of zero are tested first: an expansion
  is a change between two dates with money.

  opening, closing: MRR on the two dates, never null. has_paid_before: SQL condition, was there MRR on any earlier date?
-#}
{% macro mrr_movement(opening, closing, has_paid_before) -%}
    case
        when {{ opening }} > 0 and {{ closing }} = 0 then 'churn'
        when {{ opening }} = 0 and {{ closing }} > 0 and {{ has_paid_before }} then 'reactivation'
        when {{ opening }} = 0 and {{ closing }} > 0 then 'new'
        when {{ closing }} > {{ opening }} then 'expansion'
        when {{ closing }} < {{ opening }} then 'contraction'
    end
{%- endmacro %}

{#- Rates of retention have 6 decimals; null where there was nothing to keep. -#}
{% macro retention_rate(kept, opening) -%}
    cast({{ divide_exact(kept, opening, 6) }} as decimal(18, 6))
{%- endmacro %}

{#- Sums over owner_movements: MRR that moved by the kinds named, an amount, and owners that meet a condition, in one window. -#}
{% macro mrr_moved(window_months, kinds) -%}
    {{ mrr_in_window(window_months, "case when movement in ('" ~ kinds | join("', '") ~ "') then closing_mrr - opening_mrr - transferred_mrr else 0 end") }}
{%- endmacro %}

{% macro mrr_in_window(window_months, amount) -%}
    cast(sum(case when window_months = {{ window_months }} then {{ amount }} else 0 end) as decimal(18, 4))
{%- endmacro %}

{% macro owners_in_window(window_months, condition) -%}
    cast(sum(case when window_months = {{ window_months }} and {{ condition }} then 1 else 0 end) as integer)
{%- endmacro %}
