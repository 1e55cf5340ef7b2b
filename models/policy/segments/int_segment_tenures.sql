with recursive spells as (
    select * from {{ ref('int_segment_confirmed') }}
),

snapshots as (
    select * from {{ ref('int_snapshots') }}
),

stability as (
    select * from {{ ref('segment_stability') }}
),

periods as (
    select
        stability.segment_scheme,
        snapshots.snapshot_date,
        stability.minimum_tenure_days,
        {{ effect_period('stability.takes_effect', 'snapshots.snapshot_date') }} as effect_period
    from snapshots
    inner join stability
        on {{ holds_on('stability', 'snapshots.snapshot_date') }}
),

reviews as (
    select
        segment_scheme,
        min(snapshot_date) as snapshot_date
    from periods
    group by segment_scheme, effect_period
),

-- The first snapshot at which a segment entered on a day may be left again.
freedoms as (
    select
        periods.segment_scheme,
        periods.snapshot_date,
        min(reviews.snapshot_date) as free_on
    from periods
    inner join reviews
        on
            periods.segment_scheme = reviews.segment_scheme
            and {{ days_between('periods.snapshot_date', 'reviews.snapshot_date') }} >= periods.minimum_tenure_days
    where periods.minimum_tenure_days > 0
    group by periods.segment_scheme, periods.snapshot_date
),

compared as (
    select
        *,
        lag(settled_rank) over (partition by account_id, segment_scheme, spell order by place) as rank_before
    from spells
    where minimum_tenure_days > 0
),

changes as (
    select
        *,
        min(case when rank_before <> settled_rank then snapshot_date end) over (
            partition by account_id, segment_scheme, spell order by place
            rows between 1 following and unbounded following
        ) as next_change_on
    from compared
),

-- From a segment entered on the day to the next one that is entered.
steps as (
    select
        changes.account_id,
        changes.segment_scheme,
        changes.spell,
        changes.place,
        changes.snapshot_date,
        changes.settled_rank,
        case when freed.settled_rank <> changes.settled_rank then freed.snapshot_date else freed.next_change_on end as next_entered_on
    from changes
    left join freedoms
        on changes.segment_scheme = freedoms.segment_scheme and changes.snapshot_date = freedoms.snapshot_date
    left join changes as freed
        on
            changes.account_id = freed.account_id
            and changes.segment_scheme = freed.segment_scheme
            and changes.spell = freed.spell
            and freedoms.free_on = freed.snapshot_date
),

-- As many turns as the history holds tenures.
entered as (
    select * from steps
    where place = 1
    union all
    select steps.*
    from entered
    inner join steps
        on
            entered.account_id = steps.account_id
            and entered.segment_scheme = steps.segment_scheme
            and entered.spell = steps.spell
            and entered.next_entered_on = steps.snapshot_date
),

followed as (
    select
        spells.*,
        max(entered.place) over (
            partition by spells.account_id, spells.segment_scheme, spells.spell order by spells.place
            rows between unbounded preceding and current row
        ) as entered_place
    from spells
    left join entered
        on
            spells.account_id = entered.account_id
            and spells.segment_scheme = entered.segment_scheme
            and spells.spell = entered.spell
            and spells.place = entered.place
),

final as (
    select
        followed.account_id,
        followed.segment_scheme,
        followed.snapshot_date,
        followed.segment_rank,
        followed.confirmed_rank,
        followed.settled_rank,
        followed.waits_for,
        coalesce(spells.settled_rank, followed.settled_rank) as effective_rank
    from followed
    left join spells
        on
            followed.account_id = spells.account_id
            and followed.segment_scheme = spells.segment_scheme
            and followed.spell = spells.spell
            and followed.entered_place = spells.place
)

select * from final
