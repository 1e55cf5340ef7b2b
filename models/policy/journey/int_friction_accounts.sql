with windows as (
    select * from {{ ref('int_friction_windows') }}
),

tickets as (
    select * from {{ ref('int_friction_tickets') }}
),

actions as (
    select * from {{ ref('int_friction_actions') }}
),

-- A ticket weighs one. A day of use weighs what of it was lost, the share of its actions that failed: who works more fails more often, and one bad day of a heavy user is one day.
troubles as (
    select
        'tickets' as trouble,
        account_id,
        friction_window,
        window_days,
        cast(null as bigint) as window_actions,
        window_tickets as window_troubles,
        cast(window_tickets as decimal(18, 6)) as window_burden,
        base_days,
        cast(null as bigint) as base_actions,
        base_tickets as base_troubles,
        cast(base_tickets as decimal(18, 6)) as base_burden
    from tickets
    union all
    select
        'failed_actions' as trouble,
        account_id,
        friction_window,
        window_days,
        window_actions,
        window_failed as window_troubles,
        window_days_lost as window_burden,
        base_days,
        base_actions,
        base_failed as base_troubles,
        base_days_lost as base_burden
    from actions
),

-- Without a day outside there is nothing to hold a window against.
final as (
    select
        troubles.trouble,
        windows.account_id,
        windows.milestone,
        windows.friction_window,
        windows.segment,
        troubles.window_days,
        troubles.window_actions,
        troubles.window_troubles,
        troubles.window_burden,
        troubles.base_days,
        troubles.base_actions,
        troubles.base_troubles,
        troubles.base_burden
    from troubles
    inner join windows
        on troubles.account_id = windows.account_id and troubles.friction_window = windows.friction_window
    where troubles.window_days > 0 and troubles.base_days > 0
)

select * from final
