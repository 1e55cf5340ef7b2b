{#- An edge lies between the value and the value that is a margin away. -#}
{%- set crosses = '(valued.attribute_value < edges.edge) <> (valued.shifted_value < edges.edge)' -%}

with inputs as (
    select * from {{ ref('int_segment_inputs') }}
),

-- Under a second name: DuckDB stores a CTE that is used twice, and these rows are wide.
inputs_with_margins as (
    select * from {{ ref('int_segment_inputs') }}
),

margins as (
    select * from {{ ref('segment_margins') }}
),

schemes as (
    select * from {{ ref('segment_schemes') }}
),

conditions as (
    select * from {{ ref('rule_conditions') }}
),

snapshots as (
    select * from {{ ref('int_snapshots') }}
),

band_sets as (
    select * from {{ ref('band_sets') }}
),

-- No value lies beyond the ends of its scale, so none is moved there: it would be in no band.
scales as (
    select
        snapshots.snapshot_date,
        band_sets.attribute,
        max(band_sets.scale_lower) as scale_lower,
        min(band_sets.scale_upper) as scale_upper
    from snapshots
    inner join band_sets
        on {{ holds_on('band_sets', 'snapshots.snapshot_date') }}
    group by snapshots.snapshot_date, band_sets.attribute
),

-- A marker may raise the rank or lower it, so that both sides are looked at for either.
sides as (
    select 'up' as direction, -1 as side
    union all
    select 'up' as direction, 1 as side
    union all
    select 'down' as direction, -1 as side
    union all
    select 'down' as direction, 1 as side
),

edges as (
    select band_sets.attribute, bands.lower_bound as edge, bands.valid_from, bands.valid_to
    from {{ ref('int_bands') }} as bands
    inner join band_sets
        on bands.band_set = band_sets.band_set and {{ holds_on('band_sets', 'bands.valid_from') }}
    union
    select attribute, lower_bound as edge, valid_from, valid_to from conditions
    union
    select attribute, upper_bound as edge, valid_from, valid_to from conditions
),

named as (
    select
        inputs_with_margins.account_id,
        inputs_with_margins.snapshot_date,
        schemes.segment_scheme,
        schemes.rule_set,
        margins.attribute,
        margins.margin_unit,
        margins.margin_up,
        margins.margin_down,
        {{ number_attribute('margins.attribute', 'inputs_with_margins', 'segments') }} as attribute_value
    from inputs_with_margins
    inner join margins
        on {{ holds_on('margins', 'inputs_with_margins.snapshot_date') }}
    inner join schemes
        on
            margins.segment_scheme = schemes.segment_scheme
            and {{ holds_on('schemes', 'inputs_with_margins.snapshot_date') }}
),

-- The margin in the unit of the attribute.
measured as (
    select
        named.*,
        sides.direction,
        sides.side,
        cast(
            case when sides.direction = 'up' then named.margin_up else named.margin_down end
            * case when named.margin_unit = 'share' then named.attribute_value else 1 end
            as decimal(18, 4)
        ) as margin
    from named
    cross join sides
),

moved as (
    select
        *,
        cast(case when side = 1 then attribute_value + margin else attribute_value - margin end as decimal(18, 4)) as moved_value
    from measured
),

valued as (
    select
        moved.*,
        case
            when moved.moved_value < scales.scale_lower then scales.scale_lower
            when moved.moved_value > scales.scale_upper then scales.scale_upper
            else moved.moved_value
        end as shifted_value
    from moved
    left join scales
        on
            moved.snapshot_date = scales.snapshot_date
            and moved.attribute = scales.attribute
),

near_an_edge as (
    select distinct
        valued.account_id,
        valued.snapshot_date,
        valued.segment_scheme,
        valued.rule_set,
        valued.direction,
        valued.attribute,
        valued.side,
        valued.shifted_value
    from valued
    inner join edges
        on
            valued.attribute = edges.attribute
            and {{ holds_on('edges', 'valued.snapshot_date') }}
            and {{ crosses }}
),

shifted as (
    select
        near_an_edge.account_id,
        near_an_edge.snapshot_date,
        near_an_edge.segment_scheme,
        near_an_edge.rule_set,
        near_an_edge.direction || ' ' || near_an_edge.attribute || ' ' || cast(near_an_edge.side as {{ dbt.type_string() }}) as variant,
        {%- for attribute in text_attributes('features') %}
        inputs.{{ attribute }},
        {%- endfor %}
        {%- for attribute in number_attributes('segments') %}
        case when near_an_edge.attribute = '{{ attribute }}' then near_an_edge.shifted_value else inputs.{{ attribute }} end as {{ attribute }},
        {%- endfor %}
        near_an_edge.direction
    from near_an_edge
    inner join inputs
        on near_an_edge.account_id = inputs.account_id and near_an_edge.snapshot_date = inputs.snapshot_date
),

final as (
    {{ with_bands('shifted') }}
)

select * from final
