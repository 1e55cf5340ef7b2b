with account_snapshots as (
    select * from {{ ref('int_account_snapshots') }}
),

matches as (
    select * from {{ ref('int_account_match_windows') }}
),

account_days as (
    select * from {{ ref('int_account_days') }}
),

days as (
    select * from {{ ref('int_days') }}
),

windows as (
    select * from {{ ref('int_account_usage_windows') }}
),

users as (
    select * from {{ ref('int_account_users') }}
),

-- A workspace that is known and silent was not used; an account without one is not observed at all.
observed as (
    select distinct account_snapshots.account_id, account_snapshots.snapshot_date
    from account_snapshots
    inner join matches
        on
            account_snapshots.account_id = matches.account_id
            and matches.entity_type = 'workspace'
            and {{ holds_on('matches', 'account_snapshots.snapshot_date') }}
),

by_snapshot as (
    select
        account_days.account_id,
        days.first_snapshot_date as snapshot_date,
        min(account_days.activity_date) as first_active_on,
        max(account_days.activity_date) as last_active_on
    from account_days
    inner join days
        on account_days.activity_date = days.day
    group by account_days.account_id, days.first_snapshot_date
),

-- Running extremes give first and last use as they stood at every snapshot.
running as (
    select
        observed.account_id,
        observed.snapshot_date,
        min(by_snapshot.first_active_on) over (
            partition by observed.account_id order by observed.snapshot_date
            rows between unbounded preceding and current row
        ) as first_active_on,
        max(by_snapshot.last_active_on) over (
            partition by observed.account_id order by observed.snapshot_date
            rows between unbounded preceding and current row
        ) as last_active_on
    from observed
    left join by_snapshot
        on observed.account_id = by_snapshot.account_id and observed.snapshot_date = by_snapshot.snapshot_date
),

final as (
    select
        running.account_id,
        running.snapshot_date,
        running.first_active_on,
        running.last_active_on,
        coalesce(windows.active_days_28d, 0) as active_days_28d,
        coalesce(windows.active_days_84d_before, 0) as active_days_84d_before,
        coalesce(windows.actions_28d, 0) as actions_28d,
        coalesce(windows.core_actions_28d, 0) as core_actions_28d,
        coalesce(windows.actions_90d, 0) as actions_90d,
        coalesce(windows.advanced_actions_90d, 0) as advanced_actions_90d,
        coalesce(windows.admin_actions_90d, 0) as admin_actions_90d,
        coalesce(windows.failed_actions_90d, 0) as failed_actions_90d,
        coalesce(windows.features_used_28d, 0) as features_used_28d,
        case when {{ is_connected('product_users') }} then coalesce(users.active_users_28d, 0) end as active_users_28d,
        case when {{ is_connected('product_users') }} then coalesce(users.active_users_7d, 0) end as active_users_7d
    from running
    left join windows
        on running.account_id = windows.account_id and running.snapshot_date = windows.snapshot_date
    left join users
        on running.account_id = users.account_id and running.snapshot_date = users.snapshot_date
)

select * from final
