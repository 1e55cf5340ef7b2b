with account_snapshots as (
    select * from {{ ref('int_account_snapshots') }}
),

activities as (
    select
        account_id,
        activity_type,
        is_two_way,
        {{ local_date('occurred_at') }} as occurred_on
    from {{ ref('activities') }}
    where account_id is not null
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

-- A touch belongs to the first snapshot that sees it and that this run works out.
two_way as (
    select
        activities.account_id,
        greatest(days.first_snapshot_date, starts.first_date) as snapshot_date,
        max(activities.occurred_on) as last_two_way_on
    from activities
    inner join days
        on activities.occurred_on = days.day
    inner join starts
        on activities.account_id = starts.account_id
    where activities.is_two_way
    group by activities.account_id, greatest(days.first_snapshot_date, starts.first_date)
),

meetings as (
    select
        account_snapshots.account_id,
        account_snapshots.snapshot_date,
        count(*) as meetings_90d
    from account_snapshots
    inner join activities
        on
            account_snapshots.account_id = activities.account_id
            and activities.occurred_on <= account_snapshots.snapshot_date
            and activities.occurred_on > {{ add_days('account_snapshots.snapshot_date', -90) }}
    where activities.activity_type = 'meeting'
    group by account_snapshots.account_id, account_snapshots.snapshot_date
),

-- No meeting where nobody tells of activities is not known. They may also come from another system than the account: whoever had one has them told.
told as (
    select
        account_id,
        min(occurred_on) as told_since
    from activities
    group by account_id
),

final as (
    select
        account_snapshots.account_id,
        account_snapshots.snapshot_date,
        max(two_way.last_two_way_on) over (
            partition by account_snapshots.account_id order by account_snapshots.snapshot_date
            rows between unbounded preceding and current row
        ) as last_two_way_on,
        case
            when {{ is_filled_by('activities', 'account_snapshots.source_system') }} or told.told_since <= account_snapshots.snapshot_date
                then coalesce(meetings.meetings_90d, 0)
        end as meetings_90d
    from account_snapshots
    left join two_way
        on account_snapshots.account_id = two_way.account_id and account_snapshots.snapshot_date = two_way.snapshot_date
    left join meetings
        on account_snapshots.account_id = meetings.account_id and account_snapshots.snapshot_date = meetings.snapshot_date
    left join told
        on account_snapshots.account_id = told.account_id
)

select * from final
