-- Asserts: in every row of fct_revenue_retention opening plus movements is closing; what a month opens with is what the one before
-- closed with; the segments of each scheme sum to all accounts, whose movements are those of fct_mrr_movements; and the total is
-- all MRR there is (law 2, additive).
-- Matters: always; a retention that does not reconcile with the revenue is believed by nobody.
-- Resolve: int_owner_windows must have a row for every owner with MRR at either end; every account must find one segment a scheme.
with months as (
    select * from {{ ref('int_months') }}
),

retention as (
    select
        *,
        new_mrr + reactivation_mrr + expansion_mrr + contraction_mrr + churn_mrr + transferred_mrr as moved_mrr
    from {{ ref('fct_revenue_retention') }}
),

accounts as (
    select * from retention
    where segment_scheme = 'total' and segment = 'all_accounts'
),

owners as (
    select
        month,
        sum(mrr) as mrr
    from {{ ref('fct_account_mrr') }}
    group by month
),

movements as (
    select
        month,
        sum(mrr) as mrr,
        sum(case when movement = 'new' then mrr else 0 end) as new_mrr,
        sum(case when movement = 'churn' then mrr else 0 end) as churn_mrr
    from {{ ref('fct_mrr_movements') }}
    group by month
),

totals as (
    select
        month,
        sum(opening_mrr) as opening_mrr,
        sum(closing_mrr) as closing_mrr
    from retention
    where segment_scheme = 'total'
    group by month
),

chained as (
    select
        months.month,
        coalesce(totals.opening_mrr, 0) as opening_mrr,
        coalesce(totals.closing_mrr, 0) as closing_mrr,
        coalesce(owners.mrr, 0) as mrr,
        coalesce(lag(totals.closing_mrr) over (order by months.month), 0) as closing_before
    from months
    left join totals
        on months.month = totals.month
    left join owners
        on months.month = owners.month
),

schemes as (
    select
        month,
        segment_scheme,
        sum(opening_mrr) as opening_mrr,
        sum(moved_mrr) as moved_mrr,
        sum(closing_mrr) as closing_mrr,
        sum(opening_customers) as opening_customers,
        sum(opening_mrr_12m) as opening_mrr_12m,
        sum(lost_mrr_12m) as lost_mrr_12m
    from retention
    where segment_scheme <> 'total'
    group by month, segment_scheme
)

select
    'row' as broken,
    month,
    segment_scheme
from retention
where opening_mrr + moved_mrr <> closing_mrr or (segment_scheme = 'total' and transferred_mrr <> 0) or churned_customers > opening_customers or grr > nrr or grr > 1
union all
select
    'chain' as broken,
    month,
    'total' as segment_scheme
from chained
where opening_mrr <> closing_before or closing_mrr <> mrr
union all
select
    'scheme' as broken,
    accounts.month,
    schemes.segment_scheme
from accounts
inner join schemes
    on accounts.month = schemes.month
where
    accounts.opening_mrr <> schemes.opening_mrr
    or accounts.moved_mrr <> schemes.moved_mrr
    or accounts.closing_mrr <> schemes.closing_mrr
    or accounts.opening_customers <> schemes.opening_customers
    or accounts.opening_mrr_12m <> schemes.opening_mrr_12m
    or accounts.lost_mrr_12m <> schemes.lost_mrr_12m
union all
select
    'movements' as broken,
    accounts.month,
    'total' as segment_scheme
from accounts
left join movements
    on accounts.month = movements.month
where
    accounts.moved_mrr <> coalesce(movements.mrr, 0)
    or accounts.new_mrr <> coalesce(movements.new_mrr, 0)
    or accounts.churn_mrr <> coalesce(movements.churn_mrr, 0)
