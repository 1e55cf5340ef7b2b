with candidates as (
    select * from {{ ref('int_play_candidates') }}
    where outcome = 'due'
),

plays as (
    select * from {{ ref('plays') }}
),

snapshots as (
    select
        snapshot_date,
        row_number() over (order by snapshot_date) as snapshot_number
    from {{ ref('int_snapshots') }}
),

due as (
    select
        candidates.account_id,
        candidates.snapshot_date,
        candidates.rule_set,
        candidates.rule_id,
        candidates.reason,
        plays.play,
        plays.cool_down_days,
        snapshots.snapshot_number
    from candidates
    inner join plays
        on
            candidates.rule_set = plays.rule_set
            and {{ holds_on('plays', 'candidates.snapshot_date') }}
    inner join snapshots
        on candidates.snapshot_date = snapshots.snapshot_date
),

compared as (
    select
        *,
        lag(snapshot_date) over (partition by account_id, play order by snapshot_date) as due_before,
        lag(snapshot_number) over (partition by account_id, play order by snapshot_date) as number_before
    from due
),

-- A new action begins where the play was not due at the snapshot before and has rested for its cool-down.
numbered as (
    select
        *,
        sum(case
            when due_before is null then 1
            when number_before = snapshot_number - 1 then 0
            when {{ days_between('due_before', 'snapshot_date') }} > cool_down_days then 1
            else 0
        end) over (
            partition by account_id, play order by snapshot_date
            rows between unbounded preceding and current row
        ) as run_number
    from compared
),

opened as (
    select
        *,
        min(snapshot_date) over (partition by account_id, play, run_number) as first_due_on,
        max(snapshot_date) over (partition by account_id, play, run_number) as last_due_on
    from numbered
),

-- The day that an action is told by is the first of its week (or month, by the grain), so that it is the same on every day of it.
final as (
    select
        account_id,
        play,
        cast(run_number as integer) as run,
        {{ snapshot_period_start('first_due_on') }} as opened_on,
        first_due_on,
        last_due_on,
        rule_set,
        rule_id,
        reason
    from opened
    where snapshot_date = last_due_on
)

select * from final
