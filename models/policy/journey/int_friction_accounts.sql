with friction_days as (
    select * from {{ ref('int_friction_days') }}
),

ticket_days as (
    select * from {{ ref('int_ticket_days') }}
),

exposures as (
    select * from {{ ref('int_support_exposures') }}
),

assignments as (
    select * from {{ ref('fct_segment_assignments') }}
    where segment_scheme = 'touch_model'
),

days as (
    select * from {{ ref('int_days') }}
),

parameters as (
    select cast({{ parameter_value('friction_base_days') }} as integer) as reach
    from {{ ref('parameters') }} as parameters
    where {{ holds_on('parameters', as_of_date()) }}
),

-- What an account asks otherwise is looked for near its window, before and after: how much it asks moves over the years.
counted as (
    select
        friction_days.account_id,
        friction_days.milestone,
        friction_days.friction_window,
        friction_days.reached_on,
        count(*) as window_days,
        sum(friction_days.tickets) as window_tickets,
        {{ add_days('min(friction_days.day)', '-max(parameters.reach)') }} as base_from,
        {{ add_days('max(friction_days.day)', '1 + max(parameters.reach)') }} as base_until
    from friction_days
    cross join parameters
    group by friction_days.account_id, friction_days.milestone, friction_days.friction_window, friction_days.reached_on
),

exposed as (
    select
        counted.account_id,
        counted.friction_window,
        sum({{ days_between('greatest(exposures.exposed_from, counted.base_from)', 'least(exposures.exposed_until, counted.base_until)') }}) as days
    from counted
    inner join exposures
        on
            counted.account_id = exposures.account_id
            and exposures.exposed_from < counted.base_until
            and exposures.exposed_until > counted.base_from
    group by counted.account_id, counted.friction_window
),

asked as (
    select
        counted.account_id,
        counted.friction_window,
        sum(ticket_days.tickets) as tickets
    from counted
    inner join ticket_days
        on
            counted.account_id = ticket_days.account_id
            and ticket_days.created_on >= counted.base_from
            and ticket_days.created_on < counted.base_until
    group by counted.account_id, counted.friction_window
),

-- The days of every window are taken off, whichever window it is.
in_windows as (
    select
        counted.account_id,
        counted.friction_window,
        count(*) as days,
        sum(friction_days.tickets) as tickets
    from counted
    inner join friction_days
        on
            counted.account_id = friction_days.account_id
            and friction_days.day >= counted.base_from
            and friction_days.day < counted.base_until
    group by counted.account_id, counted.friction_window
),

-- The segment is that of the first snapshot that saw the milestone.
final as (
    select
        counted.account_id,
        counted.milestone,
        counted.friction_window,
        coalesce(assignments.segment, 'no_segment') as segment,
        cast(counted.window_days as integer) as window_days,
        cast(counted.window_tickets as integer) as window_tickets,
        cast(exposed.days - in_windows.days as integer) as base_days,
        cast(coalesce(asked.tickets, 0) - in_windows.tickets as integer) as base_tickets
    from counted
    inner join exposed
        on counted.account_id = exposed.account_id and counted.friction_window = exposed.friction_window
    inner join in_windows
        on counted.account_id = in_windows.account_id and counted.friction_window = in_windows.friction_window
    left join asked
        on counted.account_id = asked.account_id and counted.friction_window = asked.friction_window
    left join days
        on counted.reached_on = days.day
    left join assignments
        on
            counted.account_id = assignments.account_id
            and {{ holds_on('assignments', 'days.first_snapshot_date') }}
    where exposed.days > in_windows.days
)

select * from final
