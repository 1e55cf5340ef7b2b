-- Asserts: at each version the curve of every component runs from its first bound to an open end without gap or overlap, all of
--   one version, and its points never fall as the value gets better; where an attribute chooses among curves, they follow one another.
-- Matters: a value in a gap gets no points and one in an overlap two rows; law 7, a better value never lowers the score, rests here.
-- Resolve: in score_points.csv, begin each piece where the one below ends, leave the last upper_bound empty with equal points at
--   both ends, and follow the direction given in score_components.csv.
with versions as (
    select * from {{ ref('policy_versions') }}
),

components as (
    select * from {{ ref('score_components') }}
),

points as (
    select * from {{ ref('score_points') }}
),

pieces as (
    select
        versions.policy_version,
        components.component,
        case components.direction when 'higher_is_better' then 1 when 'lower_is_better' then -1 end as better,
        components.threshold_attribute,
        points.threshold_from,
        points.threshold_to,
        points.lower_bound,
        points.upper_bound,
        points.points_at_lower,
        points.points_at_upper,
        points.valid_from
    from versions
    inner join components
        on {{ holds_on('components', 'versions.valid_from') }}
    left join points
        on
            components.component = points.component
            and {{ holds_on('points', 'versions.valid_from') }}
),

neighbours as (
    select
        *,
        lead(lower_bound) over (partition by policy_version, component, threshold_from, threshold_to order by lower_bound) as next_lower_bound,
        lag(points_at_upper) over (partition by policy_version, component, threshold_from, threshold_to order by lower_bound) as points_before,
        min(valid_from) over (partition by policy_version, component) as first_valid_from
    from pieces
),

curves as (
    select
        policy_version,
        component,
        threshold_from,
        threshold_to,
        lag(threshold_to) over (partition by policy_version, component order by coalesce(threshold_from, -999999999)) as curve_before_ends,
        lead(threshold_from) over (partition by policy_version, component order by coalesce(threshold_from, -999999999)) as next_curve_begins
    from pieces
    group by policy_version, component, threshold_from, threshold_to
),

unchosen as (
    select
        policy_version,
        component
    from curves
    where
        threshold_from is distinct from curve_before_ends
        or threshold_to is distinct from next_curve_begins
    union
    select
        policy_version,
        component
    from pieces
    where threshold_attribute is null and (threshold_from is not null or threshold_to is not null)
),

broken as (
    select * from neighbours
    where
        lower_bound is null
        or points_at_lower is null
        or points_at_upper is null
        or upper_bound is distinct from next_lower_bound
        or upper_bound <= lower_bound
        or valid_from <> first_valid_from
        or (upper_bound is null and points_at_lower <> points_at_upper)
        or points_at_lower not between 0 and 100
        or points_at_upper not between 0 and 100
        or better is null
        or better * (points_at_upper - points_at_lower) < 0
        or better * (points_at_lower - points_before) < 0
),

final as (
    select
        policy_version,
        component
    from broken
    union
    select
        policy_version,
        component
    from unchosen
)

select * from final
