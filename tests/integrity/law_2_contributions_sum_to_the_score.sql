-- Asserts: the contributions of an account, a hard rule's among them, and snapshot sum to its computed score, to the last digit, and an account without a
-- score has no contribution (law 2, additive).
-- Looks at what this run worked out.
-- Matters: always; a score that cannot be taken apart is an opinion.
-- Resolve: the rounding in fct_health_score_components hands what is left over to the largest contribution; look there.
with scores as (
    select * from {{ rows_worked_out(ref('fct_health_scores')) }} as worked_out
),

components as (
    select
        account_id,
        snapshot_date,
        sum(contribution) as contributions
    from {{ rows_worked_out(ref('fct_health_score_components')) }} as worked_out
    group by account_id, snapshot_date
)

select
    scores.account_id,
    scores.snapshot_date,
    scores.computed_score,
    components.contributions
from scores
left join components
    on scores.account_id = components.account_id and scores.snapshot_date = components.snapshot_date
where
    scores.computed_score <> components.contributions
    or (scores.computed_score is null and components.contributions is not null)
    or (scores.computed_score is not null and components.contributions is null)
