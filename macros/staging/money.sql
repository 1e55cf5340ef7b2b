{#-
  An amount in minor units (cents; yen for yen) in major units, exactly. digits: minor_unit_digits of the currency, 0 to 4.
-#}
{% macro minor_to_major(amount, digits) -%}
    {{ divide_exact(
        amount,
        "(case " ~ digits ~ " when 0 then 1 when 1 then 10 when 2 then 100 when 3 then 1000 when 4 then 10000 end)"
    ) }}
{%- endmacro %}
