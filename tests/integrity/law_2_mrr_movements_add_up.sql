-- Asserts: for every account and month, all movements so far sum to the MRR of that month, opening is the closing before, and
-- opening plus movement is closing (law 2, additive). What holds per account holds in total.
-- Matters: always; finance reconciles by it.
-- Resolve: the grid of fct_mrr_movements must have a row for every month since the first one.
with months as (
    select * from {{ ref('int_months') }}
),

movements as (
    select * from {{ ref('fct_mrr_movements') }}
),

account_mrr as (
    select * from {{ ref('fct_account_mrr') }}
    where match_status = 'matched'
),

accounts as (
    select account_id, min(month) as first_month from account_mrr
    group by account_id
),

running as (
    select
        accounts.account_id,
        months.month,
        coalesce(account_mrr.mrr, 0) as mrr,
        movements.opening_mrr,
        movements.closing_mrr,
        movements.mrr as movement_mrr,
        sum(coalesce(movements.mrr, 0)) over (
            partition by accounts.account_id order by months.month
            rows between unbounded preceding and current row
        ) as moved_so_far
    from accounts
    inner join months
        on accounts.first_month <= months.month
    left join account_mrr
        on accounts.account_id = account_mrr.account_id and months.month = account_mrr.month
    left join movements
        on accounts.account_id = movements.account_id and months.month = movements.month
)

select *
from running
where
    moved_so_far <> mrr
    or closing_mrr <> mrr
    or opening_mrr + movement_mrr <> closing_mrr
    or opening_mrr <> moved_so_far - movement_mrr
