{#-
  The keys that children may point to: one row per key with parent_key and is_accepted. A key that only source-deleted rows
  carry is there with is_accepted 0, so that its children are deleted with it and not orphans; a key that only broken rows
  carry is not there.
-#}
{% macro parent_states(relation, key) -%}
    select
        {{ key }} as parent_key,
        max(case when rejected_reason is null then 1 else 0 end) as is_accepted
    from {{ relation }}
    where
        {{ key }} is not null
        and (rejected_reason is null or rejected_reason = 'deleted_in_source')
    group by {{ key }}
{%- endmacro %}
