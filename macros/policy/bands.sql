{#- Is the value in the band? [lower, upper), the top band closed, an empty bound open. `band` is an alias of int_bands. -#}
{% macro in_band(value, band) -%}
    (
        ({{ band }}.lower_bound is null or {{ value }} >= {{ band }}.lower_bound)
        and ({{ band }}.upper_bound is null or {{ value }} < {{ band }}.upper_bound or ({{ band }}.is_top and {{ value }} = {{ band }}.upper_bound))
        and {{ value }} is not null
    )
{%- endmacro %}

{#-
  The rows of `relation` (attributes with mrr, is_brand and sophistication_score) with the bands that rules of segments may name:
  value_band, lifted for well-known logos, and sophistication.
-#}
{% macro with_bands(relation) %}
    select
        inputs.*,
        lifted_bands.band as value_band,
        coalesce(skill_bands.band, 'unknown') as sophistication
    from {{ relation }} as inputs
    left join {{ ref('int_bands') }} as value_bands
        on
            value_bands.band_set = 'value'
            and {{ holds_on('value_bands', 'inputs.snapshot_date') }}
            and {{ in_band('inputs.mrr', 'value_bands') }}
    left join {{ ref('parameters') }} as lifts
        on
            lifts.parameter = 'brand_band_lift'
            and {{ holds_on('lifts', 'inputs.snapshot_date') }}
    left join {{ ref('int_bands') }} as lifted_bands
        on
            lifted_bands.band_set = 'value'
            and {{ holds_on('lifted_bands', 'inputs.snapshot_date') }}
            and lifted_bands.band_order = least(
                value_bands.band_order + cast(inputs.is_brand * lifts.parameter_value as integer), value_bands.highest_order
            )
    left join {{ ref('int_bands') }} as skill_bands
        on
            skill_bands.band_set = 'sophistication'
            and {{ holds_on('skill_bands', 'inputs.snapshot_date') }}
            and {{ in_band('inputs.sophistication_score', 'skill_bands') }}
{% endmacro %}
