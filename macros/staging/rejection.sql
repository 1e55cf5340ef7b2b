{#-
  The first reason that applies, or null. Reasons are rows of seeds/crosswalks/rejection_reasons.csv.
  rules: list of (reason, column, condition)
  Gives two columns: broken_reason and broken_column.
-#}
{% macro first_rejection(rules) -%}
    case
    {%- for reason, column, condition in rules %}
        when {{ condition }} then '{{ reason }}'
    {%- endfor %}
    end as broken_reason,
    case
    {%- for reason, column, condition in rules %}
        when {{ condition }} then '{{ column }}'
    {%- endfor %}
    end as broken_column
{%- endmacro %}

{#-
  The last step of every staging model: all rows of `relation`, each with rejected_reason (null when accepted) and rejected_column.
  Among the sound rows of one key the one loaded last wins, whatever the order of delivery; equal loads are decided by the
  content (row_hash), so shuffling or re-sending the raw rows changes nothing. A row that says "deleted" takes part: when it is
  the last one, the older rows of its key are duplicates and the key is gone.
  `relation` must offer: broken_reason, broken_column, loaded_at, row_hash and the key columns.
-#}
{% macro reject_and_deduplicate(relation, key) -%}
    select
        ranked.*,
        case
            when ranked.broken_reason is not null then ranked.broken_reason
            when ranked.delivery_rank > 1 then 'duplicate'
        end as rejected_reason,
        case
            when ranked.broken_reason is not null then ranked.broken_column
            when ranked.delivery_rank > 1 then '{{ key | join(', ') }}'
        end as rejected_column
    from (
        select
            {{ relation }}.*,
            row_number() over (
                partition by
                    {{ key | join(', ') }},
                    case when broken_reason is null or broken_reason = 'deleted_in_source' then 1 else 0 end
                order by case when loaded_at is null then 1 else 0 end, loaded_at desc, row_hash
            ) as delivery_rank
        from {{ relation }}
    ) as ranked
{%- endmacro %}

{#- One fingerprint of the raw columns given, nulls told apart from empty text. -#}
{% macro row_hash(columns) -%}
    md5(
    {%- for column in columns %}
        coalesce(cast({{ column }} as {{ dbt.type_string() }}), '~null~') || '|'{{ " ||" if not loop.last }}
    {%- endfor %}
    )
{%- endmacro %}
