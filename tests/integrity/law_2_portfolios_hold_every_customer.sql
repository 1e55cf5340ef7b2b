-- Asserts: the portfolios of fct_csm_portfolios hold every customer of dim_accounts once, with its MRR (law 2, additive).
-- Matters: always; a customer in no portfolio is nobody’s, and capacity that does not add up moves the wrong accounts.
-- Resolve: every customer needs a segment of touch_model that dim_segments knows; look at the joins of fct_csm_portfolios.
with accounts as (
    select
        count(*) as accounts,
        coalesce(sum(mrr), 0) as mrr
    from {{ ref('dim_accounts') }}
    where is_customer
),

portfolios as (
    select
        coalesce(sum(accounts), 0) as accounts,
        coalesce(sum(mrr), 0) as mrr
    from {{ ref('fct_csm_portfolios') }}
)

select
    accounts.accounts,
    portfolios.accounts as in_portfolios,
    accounts.mrr,
    portfolios.mrr as mrr_in_portfolios
from accounts
cross join portfolios
where accounts.accounts <> portfolios.accounts or accounts.mrr <> portfolios.mrr
