with user_days as (
    select * from {{ ref('int_user_days') }}
),

matches as (
    select * from {{ ref('int_account_match_windows') }}
),

days as (
    select * from {{ ref('int_days') }}
),

rebuilds as (
    select * from {{ ref('int_rebuilds') }}
),

snapshots as (
    select * from {{ ref('int_snapshots') }}
),

-- Between two snapshots only the last visit of a user matters: no later snapshot sees an earlier one alone. What no snapshot of the
-- run can see is left out.
visits as (
    select
        matches.account_id,
        user_days.product_user_id,
        days.first_snapshot_date,
        max(user_days.activity_date) as seen_on
    from user_days
    inner join matches
        on
            matches.entity_type = 'workspace'
            and user_days.workspace_id = matches.entity_id
            and {{ holds_on('matches', 'user_days.activity_date') }}
    inner join days
        on user_days.activity_date = days.day
    inner join rebuilds
        on
            matches.account_id = rebuilds.account_id
            and user_days.activity_date > {{ add_days('rebuilds.read_from', -28) }}
    where
        matches.account_id is not null
        and user_days.product_user_id is not null
    group by matches.account_id, user_days.product_user_id, days.first_snapshot_date
),

-- The snapshots from which a visit is no longer seen: after 7 days, after 28.
dated as (
    select
        visits.account_id,
        visits.first_snapshot_date,
        after_7.first_snapshot_date as unseen_from_7d,
        after_28.first_snapshot_date as unseen_from_28d,
        lead(visits.first_snapshot_date) over (
            partition by visits.account_id, visits.product_user_id order by visits.first_snapshot_date
        ) as seen_again_from
    from visits
    left join days as after_7
        on {{ add_days('visits.seen_on', 7) }} = after_7.day
    left join days as after_28
        on {{ add_days('visits.seen_on', 28) }} = after_28.day
),

-- A user comes into the count with a visit and goes when it is no longer seen or with the next one, whichever is first.
edges as (
    select 'seen' as edge, 1 as users_28d, 1 as users_7d
    union all
    select 'unseen for 28 days', -1, 0
    union all
    select 'unseen for 7 days', 0, -1
),

changes as (
    select
        dated.account_id,
        edges.users_28d,
        edges.users_7d,
        case edges.edge
            when 'seen' then dated.first_snapshot_date
            when 'unseen for 28 days' then {{ earlier_end('dated.unseen_from_28d', 'dated.seen_again_from') }}
            else {{ earlier_end('dated.unseen_from_7d', 'dated.seen_again_from') }}
        end as snapshot_date
    from dated
    cross join edges
),

summed as (
    select
        account_id,
        snapshot_date,
        sum(users_28d) as users_28d,
        sum(users_7d) as users_7d
    from changes
    where snapshot_date is not null
    group by account_id, snapshot_date
),

starts as (
    select
        account_id,
        min(snapshot_date) as first_date
    from summed
    group by account_id
),

every_snapshot as (
    select
        starts.account_id,
        snapshots.snapshot_date
    from starts
    inner join snapshots
        on starts.first_date <= snapshots.snapshot_date
),

counted as (
    select
        every_snapshot.account_id,
        every_snapshot.snapshot_date,
        {{ running_sum('summed.users_28d', 'every_snapshot.account_id', 'every_snapshot.snapshot_date') }} as active_users_28d,
        {{ running_sum('summed.users_7d', 'every_snapshot.account_id', 'every_snapshot.snapshot_date') }} as active_users_7d
    from every_snapshot
    left join summed
        on every_snapshot.account_id = summed.account_id and every_snapshot.snapshot_date = summed.snapshot_date
),

final as (
    select counted.*
    from counted
    inner join rebuilds
        on
            counted.account_id = rebuilds.account_id
            and counted.snapshot_date >= rebuilds.read_from
)

select * from final
