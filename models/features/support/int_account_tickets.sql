with account_snapshots as (
    select * from {{ ref('int_account_snapshots') }}
),

matches as (
    select * from {{ ref('int_account_match_windows') }}
),

tickets as (
    select
        ticket_id,
        support_organization_id,
        priority,
        ticket_kind,
        csat_rating,
        created_at,
        {{ local_date('created_at') }} as created_on,
        {{ local_date('csat_rated_at') }} as rated_on
    from {{ ref('tickets') }}
),

solutions as (
    select
        ticket_id,
        solved_at,
        {{ local_date('solved_at') }} as solved_on,
        {{ local_date('reopened_at') }} as reopened_on
    from {{ ref('ticket_solutions') }}
),

organizations as (
    select
        account_snapshots.account_id,
        account_snapshots.snapshot_date,
        matches.entity_id as support_organization_id
    from account_snapshots
    inner join matches
        on
            account_snapshots.account_id = matches.account_id
            and matches.entity_type = 'support_organization'
            and {{ holds_on('matches', 'account_snapshots.snapshot_date') }}
),

-- What happens to a ticket after the snapshot (solved, opened again, rated) is not seen by it.
counted as (
    select
        organizations.account_id,
        organizations.snapshot_date,
        sum(case when tickets.created_on > {{ add_days('organizations.snapshot_date', -90) }} then 1 else 0 end) as tickets_90d,
        sum(case
            when tickets.created_on > {{ add_days('organizations.snapshot_date', -90) }} and tickets.priority in ('high', 'urgent')
                then 1
            else 0
        end) as severe_tickets_90d,
        sum(case
            when tickets.created_on > {{ add_days('organizations.snapshot_date', -90) }} and tickets.priority is not null
                then 1
            else 0
        end) as prioritised_tickets_90d,
        sum(case when tickets.ticket_id is not null and solutions.ticket_id is null then 1 else 0 end) as open_tickets,
        sum(case
            when solutions.solved_on > {{ add_days('organizations.snapshot_date', -90) }}
                then cast({{ dbt.datediff('tickets.created_at', 'solutions.solved_at', 'minute') }} as decimal(18, 4))
        end) as minutes_to_solve_90d,
        sum(case when solutions.solved_on > {{ add_days('organizations.snapshot_date', -90) }} then 1 else 0 end) as solved_90d,
        sum(case
            when tickets.rated_on <= organizations.snapshot_date and tickets.rated_on > {{ add_days('organizations.snapshot_date', -180) }}
                then cast(tickets.csat_rating as decimal(9, 4))
        end) as csat_sum_180d,
        sum(case
            when
                tickets.rated_on <= organizations.snapshot_date
                and tickets.rated_on > {{ add_days('organizations.snapshot_date', -180) }}
                and tickets.csat_rating is not null
                then 1
            else 0
        end) as csat_count_180d
    from organizations
    left join tickets
        on
            organizations.support_organization_id = tickets.support_organization_id
            and tickets.created_on <= organizations.snapshot_date
    left join solutions
        on
            tickets.ticket_id = solutions.ticket_id
            and {{ holds_on('solutions', 'organizations.snapshot_date', 'solved_on', 'reopened_on') }}
    group by organizations.account_id, organizations.snapshot_date
),

kinds as (
    select
        organizations.account_id,
        organizations.snapshot_date,
        tickets.ticket_kind,
        count(*) as tickets_of_kind
    from organizations
    inner join tickets
        on
            organizations.support_organization_id = tickets.support_organization_id
            and tickets.created_on <= organizations.snapshot_date
            and tickets.created_on > {{ add_days('organizations.snapshot_date', -90) }}
    where tickets.ticket_kind is not null
    group by organizations.account_id, organizations.snapshot_date, tickets.ticket_kind
),

-- The kind that comes again most often. Where the source names no kinds, nobody can tell; as with priorities below.
repeated as (
    select
        account_id,
        snapshot_date,
        max(tickets_of_kind) as repeated_tickets_90d
    from kinds
    group by account_id, snapshot_date
),

final as (
    select
        counted.account_id,
        counted.snapshot_date,
        counted.tickets_90d,
        case when counted.tickets_90d = 0 or counted.prioritised_tickets_90d > 0 then counted.severe_tickets_90d end as severe_tickets_90d,
        cast(case when counted.tickets_90d = 0 then 0 else repeated.repeated_tickets_90d end as integer) as repeated_tickets_90d,
        counted.open_tickets,
        {{ divide_exact('counted.minutes_to_solve_90d', '60 * counted.solved_90d', 2) }} as resolution_hours_90d,
        counted.csat_sum_180d,
        counted.csat_count_180d
    from counted
    left join repeated
        on counted.account_id = repeated.account_id and counted.snapshot_date = repeated.snapshot_date
)

select * from final
