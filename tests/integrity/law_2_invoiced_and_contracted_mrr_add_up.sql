-- Asserts: by every month's end the contracted MRR that is compared with invoices is all MRR there is, and what fct_invoice_differences
-- lists is what it does not agree on (law 2, additive).
-- Matters: where invoices come in; a subscription that is left out of the comparison would look as if it were invoiced as contracted.
-- Resolve: int_subscription_invoiced must have every subscription of int_subscription_mrr once.
with months as (
    select * from {{ ref('int_months') }}
),

owners as (
    select
        month,
        sum(mrr) as mrr
    from {{ ref('fct_account_mrr') }}
    group by month
),

subscriptions as (
    select
        observed_on,
        sum(contracted_mrr) as contracted_mrr
    from {{ ref('int_subscription_invoiced') }}
    group by observed_on
),

differences as (
    select * from {{ ref('fct_invoice_differences') }}
)

select
    'contracted' as broken,
    months.month
from months
left join subscriptions
    on months.observed_on = subscriptions.observed_on
left join owners
    on months.month = owners.month
where coalesce(subscriptions.contracted_mrr, 0) <> coalesce(owners.mrr, 0)
union all
select
    'difference' as broken,
    month
from differences
where contracted_mrr - invoiced_mrr <> difference_mrr or (reason = 'not_invoiced' and invoiced_mrr <> 0) or (reason = 'not_contracted' and contracted_mrr <> 0)
