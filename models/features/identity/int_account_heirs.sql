{#- Chains of so many mergers are followed to their end. -#}
{%- set rounds = 4 -%}

with lives as (
    select * from {{ ref('int_account_lives') }}
),

steps as (
    select
        lives.account_id,
        lives.died_on,
        successors.account_id as heir_account_id,
        successors.born_on as heir_born_on,
        successors.died_on as heir_died_on
    from lives
    inner join lives as successors
        on lives.successor_account_id = successors.account_id
    where lives.died_on is not null
),

-- What an heir holds goes on when it dies itself, so that nobody holds anything before it was known that it would, nor before it was born.
{% for round in range(rounds) -%}
step_{{ round }} as (
    {%- if loop.first %}
    select
        account_id,
        heir_account_id,
        greatest(died_on, heir_born_on) as valid_from,
        heir_died_on as valid_to
    from steps
    {%- else %}
    select
        held.account_id,
        steps.heir_account_id,
        greatest(held.valid_from, steps.died_on, steps.heir_born_on) as valid_from,
        steps.heir_died_on as valid_to
    from step_{{ round - 1 }} as held
    inner join steps
        on held.heir_account_id = steps.account_id
    {%- endif %}
),

{% endfor -%}
every_step as (
    {%- for round in range(rounds) %}
    select * from step_{{ round }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- Who died first only hands on: in a circle everybody does.
final as (
    select * from every_step
    where valid_to is null or valid_from < valid_to
)

select * from final
