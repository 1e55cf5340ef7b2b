with usage as (
    select * from {{ ref('int_account_usage') }}
),

revenue as (
    select * from {{ ref('int_account_revenue') }}
),

matches as (
    select * from {{ ref('int_account_match_windows') }}
),

entities as (
    select * from {{ ref('int_match_entities') }}
),

-- A workspace may be younger than what it is matched by, and its match older than the method that holds today.
workspaces as (
    select
        matches.account_id,
        matches.entity_id,
        greatest(min(matches.valid_from), coalesce(min(entities.first_seen_on), min(matches.valid_from))) as known_since
    from matches
    inner join entities
        on
            matches.entity_type = entities.entity_type
            and matches.entity_id = entities.entity_id
    where
        matches.entity_type = 'workspace'
        and matches.account_id is not null
    group by matches.account_id, matches.entity_id
),

-- A customer that never came is silent since it could have and would have been seen: since a workspace is known, it pays and its source tells of use.
never_used as (
    select
        usage.account_id,
        usage.snapshot_date,
        greatest(min(workspaces.known_since), min(revenue.paid_again_on), min(usage.unknown_before)) as silent_since
    from usage
    inner join revenue
        on usage.account_id = revenue.account_id and usage.snapshot_date = revenue.snapshot_date
    inner join matches
        on
            usage.account_id = matches.account_id
            and matches.entity_type = 'workspace'
            and {{ holds_on('matches', 'usage.snapshot_date') }}
    inner join workspaces
        on
            matches.account_id = workspaces.account_id
            and matches.entity_id = workspaces.entity_id
    where
        usage.last_active_on is null
        and revenue.paid_again_on is not null
    group by usage.account_id, usage.snapshot_date
),

-- What is silent for less than the four weeks of the windows of use may just have been found: that is not known, and would look like use of late.
final as (
    select * from never_used
    where {{ days_between('silent_since', 'snapshot_date') }} >= 28
)

select * from final
