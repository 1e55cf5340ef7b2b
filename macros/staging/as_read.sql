{#-
  A cell for a fingerprint: its value as read, or its text where it could not be read. Two files that write the same value in two
  ways (2024-12-31 and 31-12-2024, 27.0 and 27) then have the same fingerprint.
-#}
{% macro as_read(value, text) -%}
    coalesce(cast({{ value }} as {{ dbt.type_string() }}), {{ text }})
{%- endmacro %}

{#- The same for a raw column of numbers, which engines write in ways of their own: 27, 27.0, 2.7E1. -#}
{% macro decimal_as_read(column) -%}
    {{ as_read(to_decimal(column), to_text(column)) }}
{%- endmacro %}
