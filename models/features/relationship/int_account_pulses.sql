with account_snapshots as (
    select * from {{ ref('int_account_snapshots') }}
),

pulses as (
    select * from {{ ref('csm_pulses') }}
),

ranked as (
    select
        account_snapshots.account_id,
        account_snapshots.snapshot_date,
        pulses.pulse,
        pulses.author,
        pulses.given_on,
        pulses.expires_on,
        row_number() over (
            partition by account_snapshots.account_id, account_snapshots.snapshot_date
            order by pulses.given_on desc, {{ binary_order('pulses.pulse_id') }}
        ) as pulse_rank
    from account_snapshots
    inner join pulses
        on
            account_snapshots.account_id = pulses.account_id
            and pulses.given_on <= account_snapshots.snapshot_date
),

-- The latest one alone: when it has expired, an older one that would still hold is not what the manager thinks.
final as (
    select
        account_id,
        snapshot_date,
        case when snapshot_date < expires_on then pulse end as pulse,
        author,
        given_on
    from ranked
    where pulse_rank = 1
)

select * from final
