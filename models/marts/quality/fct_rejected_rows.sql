with
{%- for system, offer in var('systems').items() %}
{%- for table in offer.get('raw', []) %}
{{ system }}__{{ table }} as (
    select
        '{{ system }}' as source_system,
        '{{ table }}' as source_table,
        raw_key,
        row_hash,
        loaded_at,
        rejected_reason,
        rejected_column
    from {{ ref('stg_' ~ system ~ '__' ~ table) }}
    where rejected_reason is not null
),
{% endfor %}
{%- endfor %}
reasons as (
    select * from {{ ref('rejection_reasons') }}
),

rejected as (
    {%- set tables = [] %}
    {%- for system, offer in var('systems').items() %}
    {%- for table in offer.get('raw', []) %}
    {%- do tables.append(system ~ '__' ~ table) %}
    {%- endfor %}
    {%- endfor %}
    {%- for table in tables %}
    select * from {{ table }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- if not tables %}
    select
        {%- for column in ['source_system', 'source_table', 'raw_key', 'row_hash', 'rejected_reason', 'rejected_column'] %}
        cast(null as {{ dbt.type_string() }}) as {{ column }},
        {%- endfor %}
        cast(null as {{ dbt.type_timestamp() }}) as loaded_at
    where 1 = 0
    {%- endif %}
),

-- The same row may be delivered, and refused, several times: the deliveries are numbered.
numbered as (
    select
        *,
        row_number() over (
            partition by source_system, source_table, raw_key, row_hash, rejected_reason
            order by loaded_at
        ) as delivery
    from rejected
),

final as (
    select
        md5(
            numbered.source_system || '|' || numbered.source_table || '|' || coalesce(numbered.raw_key, '~null~') || '|'
            || coalesce(numbered.row_hash, '~null~') || '|' || numbered.rejected_reason || '|'
            || cast(numbered.delivery as {{ dbt.type_string() }})
        ) as rejected_row_id,
        numbered.source_system,
        numbered.source_table,
        coalesce(numbered.raw_key, 'row ' || numbered.row_hash) as row_key,
        numbered.rejected_reason as reason,
        reasons.category,
        numbered.rejected_column,
        reasons.description,
        reasons.remedy,
        numbered.loaded_at
    from numbered
    left join reasons
        on numbered.rejected_reason = reasons.reason
)

select * from final
