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
        first_due.account_id,
        first_due.play,
        cast(first_due.run as integer) as run,
        first_due.period_start as opened_on,
        first_due.due_since,
        cast(first_due.times_raised as integer) as times_raised,
        first_due.snapshot_date as first_due_on,
        last_due.snapshot_date as last_due_on,
        first_due.rule_set as opening_rule_set,
        first_due.rule_id as opening_rule_id,
        first_due.reason as opening_reason,
        last_due.rule_set,
        last_due.rule_id,
        last_due.reason
    from ranked as first_due
    inner join ranked as last_due
        on
            first_due.account_id = last_due.account_id
            and first_due.play = last_due.play
            and first_due.run = last_due.run
    where first_due.place = 1 and last_due.place_from_end = 1
)

select * from final
