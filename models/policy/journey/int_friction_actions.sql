with friction_days as (
    select * from {{ ref('int_friction_days') }}
),

windows as (
    select * from {{ ref('int_friction_windows') }}
),

account_days as (
    select * from {{ ref('int_account_days') }}
),

spells as (
    select * from {{ ref('int_friction_spells') }}
),

-- Who is seen to fail: where the catalogue calls no event of a system a failure, nothing that failed is no answer.
told as (
    select distinct account_id from {{ ref('int_account_usage_sources') }}
    where tells_failures = 1
),

-- Every day of use as a customer, what of it was lost, and the window it counts for, if any.
used as (
    select
        account_days.account_id,
        account_days.activity_date,
        account_days.actions,
        account_days.failed_actions,
        case
            when account_days.failed_actions = 0 then 0
            else {{ divide_exact('account_days.failed_actions', 'account_days.actions', 6) }}
        end as failed_share,
        friction_days.friction_window as counts_for
    from account_days
    inner join told
        on account_days.account_id = told.account_id
    inner join spells
        on
            account_days.account_id = spells.account_id
            and {{ holds_on('spells', 'account_days.activity_date', 'counted_from', 'counted_until') }}
    left join friction_days
        on account_days.account_id = friction_days.account_id and account_days.activity_date = friction_days.day
    where account_days.actions > 0
),

-- Held against a window are its own days, and of those around it the ones that lie in no window.
final as (
    select
        windows.account_id,
        windows.friction_window,
        cast(count(used.counts_for) as integer) as window_days,
        cast(sum(case when used.counts_for is null then 0 else used.actions end) as bigint) as window_actions,
        cast(sum(case when used.counts_for is null then 0 else used.failed_actions end) as bigint) as window_failed,
        cast(sum(case when used.counts_for is null then 0 else used.failed_share end) as decimal(18, 6)) as window_days_lost,
        cast(sum(case when used.counts_for is null then 1 else 0 end) as integer) as base_days,
        cast(sum(case when used.counts_for is null then used.actions else 0 end) as bigint) as base_actions,
        cast(sum(case when used.counts_for is null then used.failed_actions else 0 end) as bigint) as base_failed,
        cast(sum(case when used.counts_for is null then used.failed_share else 0 end) as decimal(18, 6)) as base_days_lost
    from windows
    inner join used
        on
            windows.account_id = used.account_id
            and used.activity_date >= windows.base_from
            and used.activity_date < windows.base_until
            and coalesce(used.counts_for, windows.friction_window) = windows.friction_window
    group by windows.account_id, windows.friction_window
)

select * from final
