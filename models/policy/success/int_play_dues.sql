with matches as (
    select * from {{ ref('int_play_matches') }}
),

plays as (
    select * from {{ ref('plays') }}
),

snapshots as (
    select
        snapshot_date,
        {{ snapshot_period_start('snapshot_date') }} as period_start,
        row_number() over (order by snapshot_date) as snapshot_number
    from {{ ref('int_snapshots') }}
),

-- A play is told by the first day of the week (or month, by the grain), so that it is the same on every day of it.
due as (
    select
        matches.account_id,
        matches.snapshot_date,
        matches.rule_set,
        matches.rule_id,
        matches.reason,
        plays.play,
        snapshots.period_start,
        snapshots.snapshot_number,
        {{ add_days('snapshots.period_start', 'greatest(plays.cool_down_days, 1)') }} as rests_until
    from matches
    inner join plays
        on
            matches.rule_set = plays.rule_set
            and {{ holds_on('plays', 'matches.snapshot_date') }}
    inner join snapshots
        on matches.snapshot_date = snapshots.snapshot_date
),

compared as (
    select
        *,
        lag(snapshot_number) over (partition by account_id, play order by snapshot_date) as number_before
    from due
),

final as (
    select
        account_id,
        play,
        snapshot_date,
        period_start,
        rests_until,
        rule_set,
        rule_id,
        reason,
        sum(case when number_before = snapshot_number - 1 then 0 else 1 end) over (
            partition by account_id, play order by snapshot_date
            rows between unbounded preceding and current row
        ) as stretch
    from compared
)

select * from final
