-- Asserts: at each version every condition belongs to a rule and is either a range that holds something or a text, and a text of
--   a band, stage or segment is one that exists.
-- Matters: a condition that nothing meets switches its rule off, and no other sign tells.
-- Resolve: correct the row of rule_conditions.csv.
with versions as (
    select * from {{ ref('policy_versions') }}
),

rules as (
    select * from {{ ref('rules') }}
),

conditions as (
    select * from {{ ref('rule_conditions') }}
),

bands as (
    select * from {{ ref('bands') }}
),

stages as (
    select * from {{ ref('stages') }}
),

segments as (
    select * from {{ ref('segments') }}
),

known_texts as (
    select
        case band_set when 'value' then 'value_band' else 'sophistication' end as attribute,
        band as text_value,
        valid_from,
        valid_to
    from bands
    where band_set in ('value', 'sophistication')
    union all
    select
        'sophistication' as attribute,
        'unknown' as text_value,
        valid_from,
        cast(null as date) as valid_to
    from versions
    union all
    select
        'stage' as attribute,
        stage as text_value,
        valid_from,
        valid_to
    from stages
    union all
    select
        'segment' as attribute,
        segment as text_value,
        valid_from,
        valid_to
    from segments
    where segment_scheme = 'touch_model'
),

final as (
    select distinct
        versions.policy_version,
        conditions.rule_set,
        conditions.rule_id,
        conditions.attribute,
        conditions.lower_bound,
        conditions.upper_bound,
        conditions.text_value
    from versions
    inner join conditions
        on {{ holds_on('conditions', 'versions.valid_from') }}
    left join rules
        on
            conditions.rule_set = rules.rule_set
            and conditions.rule_id = rules.rule_id
            and {{ holds_on('rules', 'versions.valid_from') }}
    left join known_texts
        on
            conditions.attribute = known_texts.attribute
            and conditions.text_value = known_texts.text_value
            and {{ holds_on('known_texts', 'versions.valid_from') }}
    where
        rules.rule_id is null
        or conditions.upper_bound <= conditions.lower_bound
        or (conditions.text_value is null and conditions.lower_bound is null and conditions.upper_bound is null)
        or (conditions.text_value is not null and (conditions.lower_bound is not null or conditions.upper_bound is not null))
        or (
            conditions.attribute in ('value_band', 'sophistication', 'stage', 'segment')
            and known_texts.text_value is null
        )
)

select * from final
