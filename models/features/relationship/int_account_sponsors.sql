with account_snapshots as (
    select * from {{ ref('int_account_snapshots') }}
),

executives as (
    select
        contact_id,
        account_id,
        {{ local_date('created_at') }} as known_since
    from {{ ref('contacts') }}
    where contact_role = 'executive'
),

activities as (
    select
        account_id,
        contact_id,
        {{ local_date('occurred_at') }} as occurred_on
    from {{ ref('activities') }}
    where is_two_way
),

days as (
    select * from {{ ref('int_days') }}
),

starts as (
    select
        account_id,
        min(snapshot_date) as first_date
    from account_snapshots
    group by account_id
),

-- To be known is a beginning: an executive whom nobody has spoken to yet is silent from that day on.
heard as (
    select
        account_id,
        known_since as heard_on
    from executives
    union all
    select
        executives.account_id,
        activities.occurred_on as heard_on
    from activities
    inner join executives
        on
            activities.contact_id = executives.contact_id
            and activities.account_id = executives.account_id
            and activities.occurred_on >= executives.known_since
),

-- What was heard belongs to the first snapshot that sees it and that this run works out.
by_snapshot as (
    select
        heard.account_id,
        greatest(days.first_snapshot_date, starts.first_date) as snapshot_date,
        max(heard.heard_on) as last_heard_on
    from heard
    inner join days
        on greatest(heard.heard_on, cast('{{ var("calendar_start_date") }}' as date)) = days.day
    inner join starts
        on heard.account_id = starts.account_id
    group by heard.account_id, greatest(days.first_snapshot_date, starts.first_date)
),

final as (
    select
        account_snapshots.account_id,
        account_snapshots.snapshot_date,
        max(by_snapshot.last_heard_on) over (
            partition by account_snapshots.account_id order by account_snapshots.snapshot_date
            rows between unbounded preceding and current row
        ) as sponsor_heard_on
    from account_snapshots
    left join by_snapshot
        on account_snapshots.account_id = by_snapshot.account_id and account_snapshots.snapshot_date = by_snapshot.snapshot_date
)

select * from final
