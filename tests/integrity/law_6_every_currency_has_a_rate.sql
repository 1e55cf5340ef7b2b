{{ config(
    meta={
        'message': 'a price or invoice is in a currency that currency_rates.csv does not have: it would be worth nothing',
        'remedy': 'add the currency and its rate to seeds/policy/currency_rates.csv, write its code in upper case, or reject such rows in staging with unknown_currency',
    }
) }}

-- Asserts: every currency of the canonical tables has a rate (law 6, nothing lost).
-- Matters: to mappings of own tables; the shipped ones reject such rows. Without a rate revenue is not known, and what is overdue is nothing.
-- Resolve: as the remedy above says.
with used as (
    select
        'subscription_items' as canonical_table,
        currency
    from {{ ref('subscription_items') }}
    union all
    select
        'invoices',
        currency
    from {{ ref('invoices') }}
)

select
    used.canonical_table,
    used.currency,
    count(*) as row_count
from used
left join {{ ref('currency_rates') }} as rates
    on used.currency = rates.currency
where used.currency is not null and rates.currency is null
group by used.canonical_table, used.currency
