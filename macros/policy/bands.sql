{#- Is the value in the band? [lower, upper), the top band closed, an empty bound open. `band` is an alias of int_bands. -#}
{% macro in_band(value, band) -%}
    (
        ({{ band }}.lower_bound is null or {{ value }} >= {{ band }}.lower_bound)
        and ({{ band }}.upper_bound is null or {{ value }} < {{ band }}.upper_bound or ({{ band }}.is_top and {{ value }} = {{ band }}.upper_bound))
        and {{ value }} is not null
    )
{%- endmacro %}
