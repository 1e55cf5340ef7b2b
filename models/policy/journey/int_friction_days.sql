with milestones as (
    select * from {{ ref('fct_journey_milestones') }}
    where not reached_before_history
),

windows as (
    select * from {{ ref('friction_windows') }}
),

spells as (
    select * from {{ ref('int_friction_spells') }}
),

days as (
    select * from {{ ref('int_days') }}
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
    inner join spells
        on
            reached.account_id = spells.account_id
            and {{ holds_on('spells', 'days.day', 'counted_from', 'counted_until') }}
),

final as (
    select
        account_id,
        day,
        milestone,
        reached_on,
        friction_window
    from ranked
    where choice = 1
)

select * from final
