-- Asserts: for every account and month, all movements so far sum to the MRR of that month, opening is the closing before, and
-- opening plus movement is closing (law 2, additive). What holds per account holds in total.
-- Matters: always; finance reconciles by it.
-- Resolve: int_owner_windows must have both ends of every month; what int_owner_movements transfers must be there twice, with either sign.
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

-- A transfer and what else happened in its month are one change.
moved as (
    select
        account_id,
        month,
        sum(mrr) as mrr,
        sum(case when movement = 'transfer' then mrr else 0 end) as transferred_mrr,
        min(case when movement = 'transfer' then opening_mrr end) as opening_before_transfer,
        min(case when movement <> 'transfer' then opening_mrr end) as opening_mrr,
        min(case when movement <> 'transfer' then closing_mrr end) as closing_mrr,
        max(case when opening_mrr + mrr <> closing_mrr then 1 else 0 end) as is_unsound
    from movements
    group by account_id, month
),

running as (
    select
        accounts.account_id,
        months.month,
        coalesce(account_mrr.mrr, 0) as mrr,
        moved.opening_before_transfer,
        moved.opening_mrr,
        moved.closing_mrr,
        moved.transferred_mrr,
        moved.mrr as moved_mrr,
        moved.is_unsound,
        sum(coalesce(moved.mrr, 0)) over (
            partition by accounts.account_id order by months.month
            rows between unbounded preceding and current row
        ) as moved_so_far
    from accounts
    inner join months
        on accounts.first_month <= months.month
    left join account_mrr
        on accounts.account_id = account_mrr.account_id and months.month = account_mrr.month
    left join moved
        on accounts.account_id = moved.account_id and months.month = moved.month
)

select *
from running
where
    moved_so_far <> mrr
    or closing_mrr <> mrr
    or is_unsound = 1
    or opening_before_transfer <> moved_so_far - moved_mrr
    or opening_mrr <> moved_so_far - moved_mrr + transferred_mrr
