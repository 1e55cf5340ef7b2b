with account_snapshots as (
    select * from {{ ref('int_account_snapshots') }}
),

-- Known when the day comes on which the source says so, and never before the person was known.
departures as (
    select
        account_id,
        greatest({{ local_date('left_at') }}, {{ local_date('created_at') }}) as left_on
    from {{ ref('contacts') }}
    where
        contact_role = 'champion'
        and left_at is not null
        and account_id is not null
),

final as (
    select
        account_snapshots.account_id,
        account_snapshots.snapshot_date,
        max(departures.left_on) as champion_left_on
    from account_snapshots
    inner join departures
        on
            account_snapshots.account_id = departures.account_id
            and departures.left_on <= account_snapshots.snapshot_date
            and departures.left_on > {{ add_days('account_snapshots.snapshot_date', -180) }}
    group by account_snapshots.account_id, account_snapshots.snapshot_date
)

select * from final
