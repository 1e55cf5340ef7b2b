with account_snapshots as (
    select * from {{ ref('int_account_snapshots') }}
),

matches as (
    select * from {{ ref('int_account_match_windows') }}
),

tickets as (
    select * from {{ ref('tickets') }}
),

-- Where the source tells the last state alone, nobody can say.
solutions as (
    select
        ticket_id,
        {{ local_date('solved_at') }} as solved_on,
        {{ local_date('reopened_at') }} as reopened_on
    from {{ ref('ticket_solutions') }}
    where reopening_is_told
),

-- Only a ticket that was solved can be opened again.
final as (
    select
        account_snapshots.account_id,
        account_snapshots.snapshot_date,
        count(distinct case when solutions.reopened_on <= account_snapshots.snapshot_date then solutions.ticket_id end) as reopened_tickets_90d
    from account_snapshots
    inner join matches
        on
            account_snapshots.account_id = matches.account_id
            and matches.entity_type = 'support_organization'
            and {{ holds_on('matches', 'account_snapshots.snapshot_date') }}
    inner join tickets
        on matches.entity_id = tickets.support_organization_id
    inner join solutions
        on
            tickets.ticket_id = solutions.ticket_id
            and solutions.solved_on <= account_snapshots.snapshot_date
            and (
                solutions.solved_on > {{ add_days('account_snapshots.snapshot_date', -90) }}
                or (
                    solutions.reopened_on > {{ add_days('account_snapshots.snapshot_date', -90) }}
                    and solutions.reopened_on <= account_snapshots.snapshot_date
                )
            )
    group by account_snapshots.account_id, account_snapshots.snapshot_date
)

select * from final
