-- Asserts: the attributes that the SQL of rules and scores can read (macros/policy/attributes.sql) are those of the catalogue, and
--   of the same kind.
-- Matters: an attribute only in the catalogue is offered to policy and never has a value; one only in the SQL has no definition.
-- Resolve: add the missing one to attributes.csv, or to account_features and the macro; or take it out of both.
with attributes as (
    select * from {{ ref('attributes') }}
),

readable as (
    {%- for attribute in number_attributes('plays') %}
    select '{{ attribute }}' as attribute, 'measure' as kind
    union all
    {%- endfor %}
    {%- for attribute in text_attributes('plays') %}
    select '{{ attribute }}' as attribute, 'text' as kind
    {{- " union all" if not loop.last }}
    {%- endfor %}
),

catalogued as (
    select distinct
        attribute,
        case when data_type = 'text' then 'text' else 'measure' end as kind
    from attributes
),

final as (
    select
        readable.attribute as attribute_in_sql,
        catalogued.attribute as attribute_in_catalogue,
        coalesce(readable.kind, catalogued.kind) as kind
    from readable
    full outer join catalogued
        on readable.attribute = catalogued.attribute and readable.kind = catalogued.kind
    where readable.attribute is null or catalogued.attribute is null
)

select * from final
