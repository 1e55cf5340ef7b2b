-- Asserts: for every raw table, the rows in the source are the rows accepted by staging plus the rows in fct_rejected_rows
-- (law 6, nothing lost). Counted at the source, so a staging model that drops or doubles a row is found.
-- Matters: always.
-- Resolve: the staging model of the table joins or filters before its last step; let it keep every row and give a reason.
with
{%- for system, offer in var('systems').items() %}
{%- for table in offer.get('raw', []) %}
{{ system }}__{{ table }} as (
    select
        '{{ system }}' as source_system,
        '{{ table }}' as source_table,
        (select count(*) from {{ source(system, table) }}) as raw_rows,
        (select count(*) from {{ ref('stg_' ~ system ~ '__' ~ table) }} where rejected_reason is null) as accepted_rows,
        (
            select count(*) from {{ ref('fct_rejected_rows') }}
            where source_system = '{{ system }}' and source_table = '{{ table }}'
        ) as rejected_rows
),
{% endfor %}
{%- endfor %}
counted as (
    {%- for system, offer in var('systems').items() %}
    {%- set last_system = loop.last %}
    {%- for table in offer.get('raw', []) %}
    select * from {{ system }}__{{ table }}
    {%- if not (loop.last and last_system) %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}
)

select *
from counted
where raw_rows <> accepted_rows + rejected_rows
