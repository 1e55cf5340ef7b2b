{#-
  Asserts half-open validity windows [valid_from, valid_to) with a null end: none ends before it starts, none overlaps the next
  one of the same key, and, where gaps are forbidden, each starts where the one before ended.
-#}
{% test windows_are_sound(model, key, gaps='forbidden', valid_from='valid_from', valid_to='valid_to') %}
    with windows as (
        select
            {{ key | join(', ') }},
            {{ valid_from }} as valid_from,
            {{ valid_to }} as valid_to,
            lead({{ valid_from }}) over (partition by {{ key | join(', ') }} order by {{ valid_from }}) as next_from
        from {{ model }}
    )

    select *
    from windows
    where
        valid_to <= valid_from
        or (valid_to is null and next_from is not null)
        or valid_to > next_from
        {%- if gaps == 'forbidden' %}
        or valid_to < next_from
        {%- endif %}
{% endtest %}
