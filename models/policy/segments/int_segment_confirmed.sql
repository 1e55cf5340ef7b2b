{%- set up_to_now = "(partition by account_id, segment_scheme, spell, level order by place rows between unbounded preceding and current row)" -%}

with spells as (
    select * from {{ ref('int_segment_spells') }}
),

segments as (
    select * from {{ ref('segments') }}
    where segment_rank is not null
),

-- Each rank is a level of its own, which the candidate reaches or not. What it never fell below in the spell needs no confirmation, and what it
-- never reached gets none.
levels as (
    select
        spells.*,
        segments.segment_rank as level,
        case when spells.segment_rank >= segments.segment_rank then 1 else 0 end as is_reached,
        case when spells.least_rank >= segments.segment_rank then 1 else 0 end as is_reached_beyond,
        case when spells.most_rank < segments.segment_rank then 1 else 0 end as is_below_beyond
    from spells
    inner join segments
        on
            spells.segment_scheme = segments.segment_scheme
            and segments.segment_rank > spells.lowest_rank
            and segments.segment_rank <= spells.highest_rank
            and {{ holds_on('segments', 'spells.snapshot_date') }}
),

-- Where a margin confirms, only what is beyond it counts.
counted as (
    select
        *,
        case when confirmed_by = 'margin' then is_reached_beyond else is_reached end as counts_up,
        case when confirmed_by = 'margin' then is_below_beyond else 1 - is_reached end as counts_down
    from levels
),

runs as (
    select
        *,
        place - coalesce(max(case when counts_up = 0 then place end) over {{ up_to_now }}, 0) as snapshots_reached,
        place - coalesce(max(case when counts_down = 0 then place end) over {{ up_to_now }}, 0) as snapshots_below,
        max(case when place = 1 then is_reached end) over {{ up_to_now }} as is_reached_at_first
    from counted
),

-- What was confirmed last holds: reached long enough, or below long enough.
latched as (
    select
        *,
        coalesce(max(case
            when snapshots_reached >= confirm_up_snapshots or (confirmed_by = 'either' and is_reached_beyond = 1) then place
        end) over {{ up_to_now }}, 0) as risen_at,
        coalesce(max(case
            when snapshots_below >= confirm_down_snapshots or (confirmed_by = 'either' and is_below_beyond = 1) then place
        end) over {{ up_to_now }}, 0) as fallen_at
    from runs
),

confirmed as (
    select
        account_id,
        segment_scheme,
        spell,
        place,
        snapshot_date,
        segment_rank,
        minimum_tenure_days,
        effect_period,
        max(confirmed_by) as confirmed_by,
        max(least_rank) as least_rank,
        max(most_rank) as most_rank,
        max(case when risen_at > fallen_at or (risen_at = fallen_at and is_reached_at_first = 1) then level else lowest_rank end) as confirmed_rank
    from latched
    group by account_id, segment_scheme, spell, place, snapshot_date, segment_rank, minimum_tenure_days, effect_period
),

-- Where changes wait for the start of a period, the whole period has what was confirmed at its first snapshot.
final as (
    select
        *,
        case
            when confirmed_rank = segment_rank then null
            when confirmed_by = 'margin' and confirmed_rank < segment_rank and least_rank < segment_rank then 'margin'
            when confirmed_by = 'margin' and confirmed_rank > segment_rank and most_rank > segment_rank then 'margin'
            else 'confirmation'
        end as waits_for,
        first_value(confirmed_rank) over (partition by account_id, segment_scheme, spell, effect_period order by place) as settled_rank
    from confirmed
)

select * from final
