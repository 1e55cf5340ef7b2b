with user_days as (
    select * from {{ ref('int_user_days') }}
),

matches as (
    select * from {{ ref('int_account_match_windows') }}
),

snapshots as (
    select * from {{ ref('int_snapshots') }}
),

-- One row per user and snapshot that still sees the user's last visit.
seen as (
    select
        matches.account_id,
        snapshots.snapshot_date,
        user_days.product_user_id,
        max(user_days.activity_date) as last_seen_on
    from user_days
    inner join matches
        on
            matches.entity_type = 'workspace'
            and user_days.workspace_id = matches.entity_id
            and {{ holds_on('matches', 'user_days.activity_date') }}
    inner join snapshots
        on
            user_days.activity_date <= snapshots.snapshot_date
            and user_days.activity_date > {{ add_days('snapshots.snapshot_date', -28) }}
    where
        matches.account_id is not null
        and user_days.product_user_id is not null
    group by matches.account_id, snapshots.snapshot_date, user_days.product_user_id
),

final as (
    select
        account_id,
        snapshot_date,
        count(*) as active_users_28d,
        sum(case when last_seen_on > {{ add_days('snapshot_date', -7) }} then 1 else 0 end) as active_users_7d
    from seen
    group by account_id, snapshot_date
)

select * from final
