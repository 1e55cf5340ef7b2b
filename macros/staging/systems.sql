{#- Is this source system part of this warehouse? Staging models of systems that are not stay out of the graph. -#}
{% macro system_is_on(system) -%}
    {{ return(system in var('systems')) }}
{%- endmacro %}

{#- The systems that fill one canonical table, in the order of the var. -#}
{% macro systems_filling(canonical_table) -%}
    {%- set found = [] -%}
    {%- for system, offer in var('systems').items() if canonical_table in offer.get('canonical', []) -%}
        {%- do found.append(system) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{#- True when at least one system fills the canonical table: the difference between "none" and "not connected". -#}
{% macro is_connected(canonical_table) -%}
    {{ return('true' if systems_filling(canonical_table) else 'false') }}
{%- endmacro %}

{#- The same for the system of one row: what a system does not fill is not known of its customers, whatever others fill. -#}
{% macro is_filled_by(canonical_table, source_system) -%}
    {%- set systems = systems_filling(canonical_table) -%}
    {{ return(source_system ~ " in ('" ~ systems | join("', '") ~ "')" if systems else 'false') }}
{%- endmacro %}

{#- A key that carries its source system, so that two systems can never share one by accident. -#}
{% macro source_key(system, id_expression) -%}
    '{{ system }}:' || {{ id_expression }}
{%- endmacro %}

{#-
  The shorter spelling of an account's id that people and other systems quote as well, null where its system has none. Salesforce shows 15 letters,
  whose case counts; the ids of its interfaces have 3 more, which say that case once again.
-#}
{% macro short_account_id(source_system, id_expression) -%}
    case when {{ source_system }} = 'salesforce' and length({{ id_expression }}) = 18 then substring({{ id_expression }}, 1, 15) end
{%- endmacro %}
