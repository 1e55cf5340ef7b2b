with points as (
    select * from {{ ref('int_health_change_points') }}
    where points_before is not null and points_after is not null
),

peers as (
    select * from {{ ref('int_health_change_peers') }}
),

sets as (
    select * from {{ ref('int_health_change_sets') }}
    where step = 'common'
),

weights as (
    select * from {{ ref('int_health_change_weights') }}
),

steps as (
    select * from {{ ref('int_health_change_steps') }}
    where change_of_data is not null
),

-- Where an account judged among peers would be, had only it moved; any other moved by itself alone. What stood still is left out.
alone as (
    select
        points.*,
        coalesce(peers.points, points.points_after) as points_alone
    from points
    left join peers
        on
            points.account_id = peers.account_id
            and points.snapshot_date = peers.snapshot_date
            and points.component = peers.component
    where
        points.points_before <> points.points_after
        or points.points_before <> coalesce(peers.points, points.points_after)
),

-- First what the account did itself, then what its peers did.
caused as (
    select
        account_id,
        snapshot_date,
        component,
        component_number,
        'data' as cause,
        value_before,
        value_after,
        points_before,
        points_alone as points_after
    from alone
    where points_before <> points_alone
    union all
    select
        account_id,
        snapshot_date,
        component,
        component_number,
        'peers' as cause,
        value_before,
        value_after,
        points_alone as points_before,
        points_after
    from alone
    where points_alone <> points_after
),

-- The sets from the left and with a default, as in fct_health_score_components: what moved meets its set first.
moved as (
    select
        caused.*,
        weights.effective_weight,
        steps.change_of_data,
        cast(weights.effective_weight * (caused.points_after - caused.points_before) as decimal(5, 2)) as part
    from caused
    inner join steps
        on caused.account_id = steps.account_id and caused.snapshot_date = steps.snapshot_date
    left join sets
        on caused.account_id = sets.account_id and caused.snapshot_date = sets.snapshot_date
    inner join weights
        on
            caused.snapshot_date = weights.snapshot_date
            and coalesce(sets.profile, '') = weights.profile
            and coalesce(sets.scored_set, -1) = weights.scored_set
            and coalesce(sets.applicable_set, -1) = weights.applicable_set
            and caused.component_number = weights.component_number
),

-- Each part is rounded; what rounding leaves over goes to the largest, of equals to the first component.
ranked as (
    select
        *,
        sum(part) over (partition by account_id, snapshot_date) as parts,
        row_number() over (partition by account_id, snapshot_date order by abs(part) desc, component_number, cause) as part_order
    from moved
),

final as (
    select
        account_id,
        snapshot_date,
        component,
        cause,
        value_before,
        value_after,
        points_before,
        points_after,
        effective_weight,
        cast(part + case when part_order = 1 then change_of_data - parts else 0 end as decimal(5, 2)) as change_part
    from ranked
)

select * from final
