-- Asserts: the parts of every snapshot sum to the change of the health score since the snapshot before, to the last digit, where
-- not scored counts as 0 and every account begins at 0 (law 2, additive).
-- Looks at what this run worked out.
-- Matters: always; a part that is missing would be blamed on the customer or on nobody.
-- Resolve: the steps are in int_health_change_steps and telescope; the rounding of data parts is in int_health_change_data.
with compared as (
    select
        account_id,
        snapshot_date,
        coalesce(health_score, 0) as health_score,
        coalesce(lag(health_score) over (partition by account_id order by snapshot_date), 0) as previous_score
    from {{ ref('fct_health_scores') }}
),

scores as (
    select * from {{ rows_worked_out('compared') }} as worked_out
),

changes as (
    select
        account_id,
        snapshot_date,
        sum(change_part) as change
    from {{ rows_worked_out(ref('fct_health_score_changes')) }} as worked_out
    group by account_id, snapshot_date
)

select
    coalesce(scores.account_id, changes.account_id) as account_id,
    coalesce(scores.snapshot_date, changes.snapshot_date) as snapshot_date,
    scores.health_score,
    scores.previous_score,
    changes.change
from scores
full outer join changes
    on scores.account_id = changes.account_id and scores.snapshot_date = changes.snapshot_date
where scores.account_id is null or scores.health_score - scores.previous_score <> coalesce(changes.change, 0)
