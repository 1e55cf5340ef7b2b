-- Asserts: at each version every attribute that a condition or a component uses is in the catalogue, of a type that fits the use.
-- Matters: an unknown attribute has no value; its conditions never hold and its components are missing for everybody.
-- Resolve: correct the name, or add the attribute to attributes.csv once account_features computes it.
with versions as (
    select * from {{ ref('policy_versions') }}
),

attributes as (
    select * from {{ ref('attributes') }}
),

conditions as (
    select * from {{ ref('rule_conditions') }}
),

components as (
    select * from {{ ref('score_components') }}
),

limits as (
    select * from {{ ref('score_limits') }}
),

used as (
    select
        'rule_conditions' as seed,
        attribute,
        case when text_value is null then 'measure' else 'text' end as use_as,
        valid_from,
        valid_to
    from conditions
    union all
    select
        'score_limits' as seed,
        attribute,
        'measure' as use_as,
        valid_from,
        valid_to
    from limits
    {%- for column, use_as in [
        ('attribute', 'measure'), ('per_attribute', 'number'), ('threshold_attribute', 'number'), ('applies_attribute', 'flag'), ('evidence_attribute', 'number'), ('age_attribute', 'number'),
    ] %}
    union all
    select
        'score_components' as seed,
        {{ column }} as attribute,
        '{{ use_as }}' as use_as,
        valid_from,
        valid_to
    from components
    where {{ column }} is not null
    {%- endfor %}
),

final as (
    select distinct
        versions.policy_version,
        used.seed,
        used.attribute,
        used.use_as,
        attributes.data_type
    from versions
    inner join used
        on {{ holds_on('used', 'versions.valid_from') }}
    left join attributes
        on
            used.attribute = attributes.attribute
            and {{ holds_on('attributes', 'versions.valid_from') }}
    where
        attributes.attribute is null
        or not (
            attributes.data_type = used.use_as
            or (used.use_as = 'measure' and attributes.data_type in ('number', 'flag'))
        )
)

select * from final
