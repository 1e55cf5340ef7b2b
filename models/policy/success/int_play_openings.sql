with recursive dues as (
    select * from {{ ref('int_play_dues') }}
),

-- Days on which the play is due, and days from which it may be raised again, in one order: at the same day the latter come first.
marks as (
    select
        account_id,
        play,
        period_start as marked_on,
        1 as is_due,
        period_start,
        rests_until
    from dues
    union all
    select
        account_id,
        play,
        rests_until,
        0,
        period_start,
        rests_until
    from dues
),

followed as (
    select
        *,
        min(case when is_due = 1 then marked_on end) over (
            partition by account_id, play order by marked_on, is_due, period_start
            rows between current row and unbounded following
        ) as next_due_on,
        max(case when is_due = 1 then rests_until end) over (
            partition by account_id, play order by marked_on, is_due, period_start
            rows between unbounded preceding and 1 preceding
        ) as last_rest_until
    from marks
),

-- Had it been raised on that day, it would be raised again on next_opened_on. After every rest that came before, it is raised for sure.
steps as (
    select
        dues.account_id,
        dues.play,
        dues.period_start as opened_on,
        nexts.next_due_on as next_opened_on,
        case when dues.last_rest_until is null or dues.last_rest_until <= dues.period_start then 1 else 0 end as is_certain
    from followed as dues
    inner join followed as nexts
        on
            dues.account_id = nexts.account_id
            and dues.play = nexts.play
            and dues.period_start = nexts.period_start
    where dues.is_due = 1 and nexts.is_due = 0
),

-- As many turns as an account has openings without such a rest between them.
opened as (
    select
        account_id,
        play,
        opened_on,
        next_opened_on
    from steps
    where is_certain = 1
    union all
    select
        steps.account_id,
        steps.play,
        steps.opened_on,
        steps.next_opened_on
    from opened
    inner join steps
        on
            opened.account_id = steps.account_id
            and opened.play = steps.play
            and opened.next_opened_on = steps.opened_on
    where steps.is_certain = 0
),

final as (
    select
        account_id,
        play,
        opened_on
    from opened
)

select * from final
