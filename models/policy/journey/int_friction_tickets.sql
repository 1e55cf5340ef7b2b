with friction_days as (
    select * from {{ ref('int_friction_days') }}
),

windows as (
    select * from {{ ref('int_friction_windows') }}
),

ticket_days as (
    select * from {{ ref('int_ticket_days') }}
),

exposures as (
    select * from {{ ref('int_support_exposures') }}
),

-- Days of windows on which a ticket could be seen, none being a 0.
seen as (
    select
        friction_days.account_id,
        friction_days.friction_window,
        friction_days.day,
        coalesce(ticket_days.tickets, 0) as tickets
    from friction_days
    inner join exposures
        on
            friction_days.account_id = exposures.account_id
            and {{ holds_on('exposures', 'friction_days.day', 'exposed_from', 'exposed_until') }}
    left join ticket_days
        on friction_days.account_id = ticket_days.account_id and friction_days.day = ticket_days.created_on
),

exposed as (
    select
        windows.account_id,
        windows.friction_window,
        sum({{ days_between('greatest(exposures.exposed_from, windows.base_from)', 'least(exposures.exposed_until, windows.base_until)') }}) as days
    from windows
    inner join exposures
        on
            windows.account_id = exposures.account_id
            and exposures.exposed_from < windows.base_until
            and exposures.exposed_until > windows.base_from
    group by windows.account_id, windows.friction_window
),

asked as (
    select
        windows.account_id,
        windows.friction_window,
        sum(ticket_days.tickets) as tickets
    from windows
    inner join ticket_days
        on
            windows.account_id = ticket_days.account_id
            and ticket_days.created_on >= windows.base_from
            and ticket_days.created_on < windows.base_until
    group by windows.account_id, windows.friction_window
),

-- The days of every window are taken off, whichever window it is.
in_windows as (
    select
        windows.account_id,
        windows.friction_window,
        count(*) as days,
        sum(seen.tickets) as tickets,
        sum(case when seen.friction_window = windows.friction_window then 1 else 0 end) as own_days,
        sum(case when seen.friction_window = windows.friction_window then seen.tickets else 0 end) as own_tickets
    from windows
    inner join seen
        on
            windows.account_id = seen.account_id
            and seen.day >= windows.base_from
            and seen.day < windows.base_until
    group by windows.account_id, windows.friction_window
),

final as (
    select
        in_windows.account_id,
        in_windows.friction_window,
        cast(in_windows.own_days as integer) as window_days,
        cast(in_windows.own_tickets as bigint) as window_tickets,
        cast(exposed.days - in_windows.days as integer) as base_days,
        cast(coalesce(asked.tickets, 0) - in_windows.tickets as bigint) as base_tickets
    from in_windows
    inner join exposed
        on in_windows.account_id = exposed.account_id and in_windows.friction_window = exposed.friction_window
    left join asked
        on in_windows.account_id = asked.account_id and in_windows.friction_window = asked.friction_window
    where in_windows.own_days > 0
)

select * from final
