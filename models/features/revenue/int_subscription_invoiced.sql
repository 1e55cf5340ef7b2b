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

invoices as (
    select
        invoice_id,
        customer_id,
        subscription_id,
        currency,
        amount_due,
        {{ local_date('issued_at') }} as issued_on,
        {{ local_date('voided_at') }} as voided_on
    from {{ ref('invoices') }}
),

-- What was sold on the day of the bill, or until that day where nothing was, says how long it lasts.
billed as (
    select
        invoices.invoice_id,
        invoices.customer_id,
        invoices.currency,
        invoices.amount_due,
        invoices.issued_on,
        invoices.voided_on,
        items.subscription_id,
        items.interval_count,
        items.intervals_a_year,
        items.monthly_amount,
        rank() over (
            partition by invoices.invoice_id
            order by case when items.valid_to = invoices.issued_on then 1 else 0 end
        ) as choice
    from invoices
    inner join items
        on
            invoices.customer_id = items.customer_id
            and (invoices.subscription_id is null or invoices.subscription_id = items.subscription_id)
            and items.valid_from <= invoices.issued_on
            and (items.valid_to is null or invoices.issued_on <= items.valid_to)
),

-- A bill that names no subscription is that of the only one there is.
bills as (
    select
        invoice_id,
        customer_id,
        currency,
        issued_on,
        voided_on,
        min(subscription_id) as subscription_id,
        max(interval_count) as interval_count,
        max(intervals_a_year) as intervals_a_year,
        sum(monthly_amount) as gross_monthly,
        {{ divide_exact('max(amount_due) * max(intervals_a_year)', '12 * max(interval_count)', 8) }} as monthly_amount
    from billed
    where choice = 1
    group by invoice_id, customer_id, currency, issued_on, voided_on
    having count(distinct subscription_id) = 1
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
