with snapshots as (
    select * from {{ ref('int_snapshots') }}
),

profiles as (
    select * from {{ ref('int_health_profiles') }}
    where outcome <> 'not_scored'
),

inputs as (
    select * from {{ ref('int_health_profile_inputs') }}
),

segments as (
    select * from {{ ref('int_segments_by_snapshot') }}
),

among_peers as (
    select * from {{ ref('score_components') }}
    where score_model = 'health' and peer_scheme is not null
),

-- Each snapshot is judged by the policy of its own day, and once more by that of the next, whose changes are told against it.
days as (
    select
        snapshot_date as seen_on,
        snapshot_date as judged_on
    from snapshots
    union all
    select
        seen_on,
        judged_on
    from (
        select
            snapshot_date as seen_on,
            lead(snapshot_date) over (order by snapshot_date) as judged_on
        from snapshots
    ) as followed
    where judged_on is not null
),

components as (
    select
        days.seen_on,
        days.judged_on,
        among_peers.*
    from days
    inner join among_peers
        on {{ holds_on('among_peers', 'days.judged_on') }}
),

facts as (
    select
        inputs.account_id,
        components.seen_on,
        components.judged_on,
        components.component,
        {{ component_facts('profiles') }}
    from components
    inner join inputs
        on components.seen_on = inputs.snapshot_date
    inner join profiles
        on inputs.account_id = profiles.account_id and inputs.snapshot_date = profiles.snapshot_date
),

final as (
    select
        facts.account_id,
        facts.seen_on,
        facts.judged_on,
        facts.component,
        segments.segment as peer_segment,
        facts.raw_value
    from facts
    inner join segments
        on
            facts.account_id = segments.account_id
            and facts.seen_on = segments.snapshot_date
            and facts.peer_scheme = segments.segment_scheme
    where {{ component_status('facts') }} = 'scored' and segments.segment is not null
)

select * from final
