{#- The host of a web address as typed: lower case, without protocol, www, port and path. Null when it holds no dot. -#}
{% macro domain_of_url(expression) -%}
    {%- set bare = "replace(replace(replace(" ~ lower_case(expression) ~ ", 'https://', ''), 'http://', ''), ' ', '')" -%}
    {%- set host = dbt.split_part(dbt.split_part(dbt.split_part(bare, "'/'", 1), "'?'", 1), "':'", 1) -%}
    case
        when {{ host }} like 'www.%.%' then substring({{ host }}, 5)
        when {{ host }} like '%.%' then {{ host }}
    end
{%- endmacro %}

{#- The domain of an e-mail address, lower case. Null when it holds no dot. -#}
{% macro domain_of_email(expression) -%}
    {%- set host = dbt.split_part(lower_case(expression), "'@'", 2) -%}
    case when {{ host }} like '%.%' then {{ host }} end
{%- endmacro %}
