{#- Each round doubles the steps, so that chains of eight are walked to their end. -#}
{%- set rounds = 3 -%}

with attributes as (
    select * from {{ ref('int_account_attributes') }}
),

lives as (
    select * from {{ ref('int_account_lives') }}
),

snapshots as (
    select * from {{ ref('int_snapshots') }}
),

parents as (
    select
        attributes.account_id,
        snapshots.snapshot_date,
        attributes.parent_account_id as ancestor_id
    from attributes
    inner join snapshots
        on {{ holds_on('attributes', 'snapshots.snapshot_date') }}
    inner join lives
        on
            attributes.parent_account_id = lives.account_id
            and {{ holds_on('lives', 'snapshots.snapshot_date', 'born_on', 'died_on') }}
),

{% for round in range(rounds) -%}
{%- set below = 'parents' if loop.first else 'walked_' ~ (round - 1) -%}
walked_{{ round }} as (
    select
        lower_half.account_id,
        lower_half.snapshot_date,
        coalesce(upper_half.ancestor_id, lower_half.ancestor_id) as ancestor_id
    from {{ below }} as lower_half
    left join {{ below }} as upper_half
        on
            lower_half.ancestor_id = upper_half.account_id
            and lower_half.snapshot_date = upper_half.snapshot_date
),

{% endfor -%}
-- Who still has a parent is no top: a circle has none.
final as (
    select
        walked.account_id,
        walked.snapshot_date,
        walked.ancestor_id as top_account_id
    from walked_{{ rounds - 1 }} as walked
    left join parents
        on
            walked.ancestor_id = parents.account_id
            and walked.snapshot_date = parents.snapshot_date
    where parents.account_id is null
)

select * from final
