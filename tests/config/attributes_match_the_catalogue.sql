-- Asserts: the attributes that rules and scores can read (macros/policy/attributes.sql) are those of the catalogue
-- (seeds/policy/attributes.csv), with the same kind.
-- Matters: when an attribute is added or renamed; an attribute known to one side only would never match a rule.
-- Resolve: add it to both, and to account_features.
with catalogue as (
    select
        attribute,
        case when data_type = 'text' then 'text' else 'number' end as kind
    from {{ ref('attributes') }}
    where {{ holds_on('attributes', as_of_date()) | replace('attributes.', '') }}
),

readable as (
    {%- for attribute in number_attributes('profiles') %}
    select '{{ attribute }}' as attribute, 'number' as kind
    union all
    {%- endfor %}
    {%- for attribute in text_attributes('profiles') %}
    select '{{ attribute }}' as attribute, 'text' as kind
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    coalesce(catalogue.attribute, readable.attribute) as attribute,
    catalogue.kind as kind_in_catalogue,
    readable.kind as kind_in_macro
from catalogue
full outer join readable
    on catalogue.attribute = readable.attribute
where
    catalogue.attribute is null
    or readable.attribute is null
    or catalogue.kind <> readable.kind
