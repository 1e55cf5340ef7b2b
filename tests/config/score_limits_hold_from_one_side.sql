-- Asserts: at each version a hard rule of the score has one bound, and of an attribute that is scored on the side that its direction
-- calls worse (cap) or better (floor).
-- Matters: otherwise a better value leads into a cap or out of a floor, and lowers the score (law 7).
-- Resolve: in score_limits.csv, leave one of the bounds empty, or move the bound to the other side.
with versions as (
    select * from {{ ref('policy_versions') }}
),

limits as (
    select * from {{ ref('score_limits') }}
),

components as (
    select * from {{ ref('score_components') }}
    where score_model = 'health'
),

final as (
    select distinct
        versions.policy_version,
        limits.score_limit,
        limits.limit_kind,
        components.direction
    from versions
    inner join limits
        on {{ holds_on('limits', 'versions.valid_from') }}
    left join components
        on
            limits.attribute = components.attribute
            and {{ holds_on('components', 'versions.valid_from') }}
    where
        (limits.lower_bound is null) = (limits.upper_bound is null)
        or (
            (limits.lower_bound is not null)
            <> ((components.direction = 'lower_is_better') = (limits.limit_kind = 'cap'))
        )
)

select * from final
