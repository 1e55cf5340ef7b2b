with friction_days as (
    select * from {{ ref('int_friction_days') }}
),

ticket_days as (
    select * from {{ ref('int_ticket_days') }}
),

exposures as (
    select
        account_id,
        sum(exposed_days) as exposed_days
    from {{ ref('int_support_exposures') }}
    group by account_id
),

tickets as (
    select
        account_id,
        sum(tickets) as tickets
    from ticket_days
    group by account_id
),

assignments as (
    select * from {{ ref('fct_segment_assignments') }}
    where segment_scheme = 'touch_model'
),

days as (
    select * from {{ ref('int_days') }}
),

counted as (
    select
        friction_days.account_id,
        friction_days.milestone,
        friction_days.friction_window,
        friction_days.reached_on,
        count(*) as window_days,
        sum(coalesce(ticket_days.tickets, 0)) as window_tickets
    from friction_days
    left join ticket_days
        on
            friction_days.account_id = ticket_days.account_id
            and friction_days.day = ticket_days.created_on
    group by friction_days.account_id, friction_days.milestone, friction_days.friction_window, friction_days.reached_on
),

-- The rest of the account's life, outside of all windows, is what its windows are held against.
compared as (
    select
        counted.*,
        exposures.exposed_days - sum(counted.window_days) over (partition by counted.account_id) as base_days,
        coalesce(tickets.tickets, 0) - sum(counted.window_tickets) over (partition by counted.account_id) as base_tickets
    from counted
    inner join exposures
        on counted.account_id = exposures.account_id
    left join tickets
        on counted.account_id = tickets.account_id
),

-- The segment is that of the first snapshot that saw the milestone.
final as (
    select
        compared.account_id,
        compared.milestone,
        compared.friction_window,
        coalesce(assignments.segment, 'no_segment') as segment,
        cast(compared.window_days as integer) as window_days,
        cast(compared.window_tickets as integer) as window_tickets,
        cast(compared.base_days as integer) as base_days,
        cast(compared.base_tickets as integer) as base_tickets
    from compared
    left join days
        on compared.reached_on = days.day
    left join assignments
        on
            compared.account_id = assignments.account_id
            and {{ holds_on('assignments', 'days.first_snapshot_date') }}
    where compared.base_days > 0
)

select * from final
