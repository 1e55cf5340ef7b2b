with months as (
    select * from {{ ref('int_months') }}
),

items as (
    select * from {{ ref('int_subscription_item_periods') }}
),

contracts as (
    select * from {{ ref('int_subscription_mrr') }}
),

rates as (
    select * from {{ ref('currency_rates') }}
),

bills as (
    select * from {{ ref('int_subscription_bills') }}
),

-- The last bill by a month's end counts until its interval is over, with a day to spare.
covering as (
    select
        months.observed_on,
        bills.*,
        row_number() over (
            partition by months.observed_on, bills.subscription_id
            order by bills.issued_on desc, {{ binary_order('bills.invoice_id') }} desc
        ) as place
    from bills
    inner join months
        on
            bills.issued_on <= months.observed_on
            and (bills.voided_on is null or months.observed_on < bills.voided_on)
            and {{ days_between('bills.issued_on', 'months.observed_on') }} * bills.intervals_a_year < 366 * bills.interval_count + bills.intervals_a_year
),

invoiced as (
    select
        covering.*,
        cast(cast(covering.monthly_amount as decimal(20, 8)) * cast(rates.rate_to_reporting as decimal(16, 8)) as decimal(18, 4)) as mrr
    from covering
    left join rates
        on
            covering.currency = rates.currency
            and {{ holds_on('rates', 'covering.observed_on') }}
    where covering.place = 1
),

priced as (
    select
        items.subscription_id,
        months.observed_on,
        sum(items.monthly_amount) as gross_monthly
    from items
    inner join months
        on {{ holds_on('items', 'months.observed_on') }}
    group by items.subscription_id, months.observed_on
),

contracted as (
    select contracts.*
    from contracts
    inner join months
        on contracts.revenue_date = months.observed_on
),

final as (
    select
        coalesce(contracted.subscription_id, invoiced.subscription_id) as subscription_id,
        coalesce(contracted.customer_id, invoiced.customer_id) as customer_id,
        coalesce(contracted.revenue_date, invoiced.observed_on) as observed_on,
        cast(coalesce(contracted.mrr, 0) as decimal(18, 4)) as contracted_mrr,
        cast(coalesce(invoiced.mrr, 0) as decimal(18, 4)) as invoiced_mrr,
        case when contracted.subscription_id is null then 0 else 1 end as is_contracted,
        case when invoiced.subscription_id is null then 0 else 1 end as is_invoiced,
        case when priced.gross_monthly <> invoiced.gross_monthly then 1 else 0 end as is_changed_since
    from contracted
    full outer join invoiced
        on
            contracted.subscription_id = invoiced.subscription_id
            and contracted.revenue_date = invoiced.observed_on
    left join priced
        on
            invoiced.subscription_id = priced.subscription_id
            and invoiced.observed_on = priced.observed_on
)

select * from final
