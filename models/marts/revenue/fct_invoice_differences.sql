with months as (
    select * from {{ ref('int_months') }}
),

subscriptions as (
    select * from {{ ref('int_subscription_invoiced') }}
    where {{ is_connected('invoices') }}
),

matches as (
    select * from {{ ref('int_account_match_windows') }}
),

parameters as (
    select * from {{ ref('parameters') }}
),

-- Before the first bill there is nothing to compare with.
first_bills as (
    select min(observed_on) as first_observed_on from subscriptions
    where is_invoiced = 1
),

judged as (
    select
        subscriptions.*,
        case
            when subscriptions.is_invoiced = 0 then 'not_invoiced'
            when subscriptions.is_contracted = 0 then 'not_contracted'
            when subscriptions.is_changed_since = 1 then 'changed_since_invoice'
            when subscriptions.invoiced_mrr > subscriptions.contracted_mrr then 'more_invoiced'
            else 'less_invoiced'
        end as reason
    from subscriptions
    inner join first_bills
        on subscriptions.observed_on >= first_bills.first_observed_on
    left join parameters
        on
            parameters.parameter = 'invoice_rounding'
            and {{ holds_on('parameters', 'subscriptions.observed_on') }}
    where abs(subscriptions.contracted_mrr - subscriptions.invoiced_mrr) > parameters.parameter_value
),

owned as (
    select
        judged.*,
        matches.account_id,
        {{ owner_of('matches.account_id', 'judged.customer_id') }} as owner_id
    from judged
    left join matches
        on
            matches.entity_type = 'billing_customer'
            and judged.customer_id = matches.entity_id
            and {{ holds_on('matches', 'judged.observed_on') }}
),

final as (
    select
        owned.owner_id,
        months.month,
        owned.reason,
        max(owned.account_id) as account_id,
        case when max(owned.account_id) is null then 'unmatched' else 'matched' end as match_status,
        cast(count(*) as integer) as subscriptions,
        cast(sum(owned.contracted_mrr) as decimal(18, 4)) as contracted_mrr,
        cast(sum(owned.invoiced_mrr) as decimal(18, 4)) as invoiced_mrr,
        cast(sum(owned.contracted_mrr - owned.invoiced_mrr) as decimal(18, 4)) as difference_mrr,
        cast('{{ var("reporting_currency") }}' as {{ dbt.type_string() }}) as currency,
        months.is_complete
    from owned
    inner join months
        on owned.observed_on = months.observed_on
    group by owned.owner_id, months.month, owned.reason, months.is_complete
)

select * from final
