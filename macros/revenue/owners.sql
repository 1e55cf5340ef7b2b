{#- Whose MRR it is: the account's, else the customer's, under a name that no account has: own tables may give both one key. -#}
{% macro owner_of(account_id, customer_id) -%}
    coalesce({{ account_id }}, 'unmatched:' || {{ customer_id }})
{%- endmacro %}
