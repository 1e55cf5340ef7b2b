-- Asserts: at each version a component judged among peers is of the health score, names a segment scheme in force, and its curve lies
--   on percentiles, 0 to 100.
-- Matters: without a scheme nobody has a peer, and beyond 100 or below 0 lies no percentile: the curve was drawn for values.
-- Resolve: correct or empty `peer_scheme` in score_components.csv, or draw its curve in score_points.csv over 0 to 100.
with versions as (
    select * from {{ ref('policy_versions') }}
),

components as (
    select * from {{ ref('score_components') }}
    where peer_scheme is not null
),

schemes as (
    select * from {{ ref('segment_schemes') }}
),

points as (
    select * from {{ ref('score_points') }}
),

final as (
    select distinct
        versions.policy_version,
        components.component,
        components.peer_scheme
    from versions
    inner join components
        on {{ holds_on('components', 'versions.valid_from') }}
    left join schemes
        on
            components.peer_scheme = schemes.segment_scheme
            and {{ holds_on('schemes', 'versions.valid_from') }}
    left join points
        on
            components.component = points.component
            and {{ holds_on('points', 'versions.valid_from') }}
            and (points.lower_bound < 0 or points.lower_bound > 100 or points.upper_bound > 100)
    where
        components.score_model <> 'health'
        or schemes.segment_scheme is null
        or points.component is not null
)

select * from final
