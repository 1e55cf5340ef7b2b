-- Asserts: the MRR of all subscriptions in a month is the MRR of all accounts plus that of unmatched customers, and every running
-- priced item got a rate (law 6, nothing lost).
-- Matters: always; revenue that belongs to nobody would vanish from every report.
-- Resolve: a difference comes from a join in int_account_mrr; a null from a currency without a rate on that date
-- (seeds/policy/currency_rates.csv).
with months as (
    select * from {{ ref('int_months') }}
),

subscriptions as (
    select
        revenue_date,
        sum(mrr) as mrr,
        sum(case when mrr is null then 1 else 0 end) as without_rate
    from {{ ref('int_subscription_mrr') }}
    group by revenue_date
),

owners as (
    select
        month,
        sum(mrr) as mrr
    from {{ ref('fct_account_mrr') }}
    group by month
)

select
    months.month,
    subscriptions.mrr as subscription_mrr,
    owners.mrr as owner_mrr,
    subscriptions.without_rate
from months
left join subscriptions
    on months.observed_on = subscriptions.revenue_date
left join owners
    on months.month = owners.month
where
    coalesce(subscriptions.mrr, 0) <> coalesce(owners.mrr, 0)
    or subscriptions.without_rate > 0
