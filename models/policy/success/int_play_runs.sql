with dues as (
    select * from {{ ref('int_play_dues') }}
),

openings as (
    select * from {{ ref('int_play_openings') }}
),

placed as (
    select
        dues.*,
        case when openings.opened_on is not null then 1 else 0 end as is_opening,
        min(dues.period_start) over (partition by dues.account_id, dues.play, dues.stretch) as due_since
    from dues
    left join openings
        on
            dues.account_id = openings.account_id
            and dues.play = openings.play
            and dues.period_start = openings.opened_on
),

numbered as (
    select
        *,
        {{ running_sum('is_opening', 'account_id, play', 'snapshot_date') }} as run,
        {{ running_sum('is_opening', 'account_id, play, stretch', 'snapshot_date') }} as times_raised
    from placed
),

-- An action lasts while its play is due without a break, or until it is raised again. Due in a rest, after a break, it is no action.
ranked as (
    select
        *,
        row_number() over (partition by account_id, play, run order by snapshot_date) as place,
        row_number() over (partition by account_id, play, run order by snapshot_date desc) as place_from_end
    from numbered
    where times_raised > 0
),

-- A play may get another rule set while its action is open: a rule is told with the set of its own day.
final as (
    select
        account_id,
        play,
        cast(run as integer) as run,
        min(case when place = 1 then period_start end) as opened_on,
        min(case when place = 1 then due_since end) as due_since,
        cast(min(case when place = 1 then times_raised end) as integer) as times_raised,
        min(snapshot_date) as first_due_on,
        max(snapshot_date) as last_due_on,
        min(case when place = 1 then rule_set end) as opening_rule_set,
        min(case when place = 1 then rule_id end) as opening_rule_id,
        min(case when place = 1 then reason end) as opening_reason,
        min(case when place_from_end = 1 then rule_set end) as rule_set,
        min(case when place_from_end = 1 then rule_id end) as rule_id,
        min(case when place_from_end = 1 then reason end) as reason
    from ranked
    where place = 1 or place_from_end = 1
    group by account_id, play, run
)

select * from final
