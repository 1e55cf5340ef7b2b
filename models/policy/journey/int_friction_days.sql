with milestones as (
    select * from {{ ref('fct_journey_milestones') }}
    where not reached_before_history
),

windows as (
    select * from {{ ref('friction_windows') }}
),

exposures as (
    select * from {{ ref('int_support_exposures') }}
),

days as (
    select * from {{ ref('int_days') }}
),

ticket_days as (
    select * from {{ ref('int_ticket_days') }}
),

reached as (
    select
        milestones.account_id,
        milestones.milestone,
        milestones.reached_on,
        windows.friction_window,
        windows.window_order,
        {{ add_days('milestones.reached_on', 'windows.from_day') }} as window_from,
        {{ add_days('milestones.reached_on', 'windows.until_day') }} as window_until
    from milestones
    inner join windows
        on
            milestones.milestone = windows.milestone
            and {{ holds_on('windows', 'milestones.reached_on') }}
),

-- A day lies in one window only, or what happens at one milestone would be claimed for those that fall on the same day.
ranked as (
    select
        reached.account_id,
        reached.milestone,
        reached.reached_on,
        reached.friction_window,
        days.day,
        row_number() over (partition by reached.account_id, days.day order by reached.window_order) as choice
    from reached
    inner join days
        on days.day >= reached.window_from and days.day < reached.window_until
    inner join exposures
        on
            reached.account_id = exposures.account_id
            and {{ holds_on('exposures', 'days.day', 'exposed_from', 'exposed_until') }}
),

final as (
    select
        ranked.account_id,
        ranked.day,
        ranked.milestone,
        ranked.reached_on,
        ranked.friction_window,
        coalesce(ticket_days.tickets, 0) as tickets
    from ranked
    left join ticket_days
        on
            ranked.account_id = ticket_days.account_id
            and ranked.day = ticket_days.created_on
    where ranked.choice = 1
)

select * from final
