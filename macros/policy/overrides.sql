{#- Where an override stands on the as-of date; its days are half-open. -#}
{% macro override_status() -%}
    case
        when {{ as_of_date() }} < starts_on then 'planned'
        when {{ as_of_date() }} < ends_on then 'in_force'
        else 'ended'
    end
{%- endmacro %}
