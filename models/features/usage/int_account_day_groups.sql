with rebuilds as (
    select * from {{ ref('int_rebuilds') }}
),

account_days as (
    select * from {{ ref('int_account_days') }}
),

days as (
    select * from {{ ref('int_days') }}
),

-- A snapshot sees a day for 28, 90, 112 and 364 days: the snapshots from which it does, and from which it does no longer.
day_windows as (
    select
        days.day,
        days.first_snapshot_date as seen_from,
        after_28.first_snapshot_date as unseen_from_28d,
        after_90.first_snapshot_date as unseen_from_90d,
        after_112.first_snapshot_date as unseen_from_112d,
        after_364.first_snapshot_date as unseen_from_364d
    from days
    left join days as after_28
        on {{ add_days('days.day', 28) }} = after_28.day
    left join days as after_90
        on {{ add_days('days.day', 90) }} = after_90.day
    left join days as after_112
        on {{ add_days('days.day', 112) }} = after_112.day
    left join days as after_364
        on {{ add_days('days.day', 364) }} = after_364.day
),

-- What no window of the run's snapshots can see is left out.
final as (
    select
        account_days.account_id,
        day_windows.seen_from,
        day_windows.unseen_from_28d,
        day_windows.unseen_from_90d,
        day_windows.unseen_from_112d,
        day_windows.unseen_from_364d,
        count(*) as active_days,
        cast(sum(account_days.actions) as bigint) as actions,
        cast(sum(account_days.core_actions) as bigint) as core_actions,
        cast(sum(account_days.advanced_actions) as bigint) as advanced_actions,
        cast(sum(account_days.admin_actions) as bigint) as admin_actions,
        cast(sum(account_days.failed_actions) as bigint) as failed_actions,
        cast(sum(account_days.self_service_actions) as bigint) as self_service_actions,
        sum(case when account_days.failed_actions > 0 then 1 else 0 end) as failure_days,
        bit_or(account_days.feature_bits) as feature_bits
    from account_days
    inner join rebuilds
        on
            account_days.account_id = rebuilds.account_id
            and account_days.activity_date > {{ add_days('rebuilds.read_from', -364) }}
    inner join day_windows
        on account_days.activity_date = day_windows.day
    group by
        account_days.account_id,
        day_windows.seen_from,
        day_windows.unseen_from_28d,
        day_windows.unseen_from_90d,
        day_windows.unseen_from_112d,
        day_windows.unseen_from_364d
)

select * from final
