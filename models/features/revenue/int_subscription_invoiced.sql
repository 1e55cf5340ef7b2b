with months as (
    select * from {{ ref('int_months') }}
),

items as (
    select * from {{ ref('int_subscription_terms') }}
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

dated_bills as (
    select
        *,
        {{ add_days(dbt.dateadd(
            'month',
            'case intervals_a_year when 12 then interval_count when 4 then 3 * interval_count when 1 then 12 * interval_count else 0 end',
            dbt.dateadd('day', 'case intervals_a_year when 365 then interval_count when 52 then 7 * interval_count else 0 end', 'issued_on')
        ), 0) }} as over_on
    from bills
),

-- The last bill of an interval by a month's end counts until that is over, with a day to spare for the next one.
covering as (
    select
        months.observed_on,
        dated_bills.*,
        row_number() over (
            partition by months.observed_on, dated_bills.subscription_id, dated_bills.term_months
            order by dated_bills.issued_on desc, {{ binary_order('dated_bills.invoice_id') }} desc
        ) as place,
        rank() over (
            partition by months.observed_on, dated_bills.subscription_id
            order by dated_bills.issued_on desc, {{ binary_order('dated_bills.invoice_id') }} desc
        ) as bills_to_the_last
    from dated_bills
    inner join months
        on
            dated_bills.issued_on <= months.observed_on
            and (dated_bills.voided_on is null or months.observed_on < dated_bills.voided_on)
            and {{ days_between('dated_bills.issued_on', 'months.observed_on') }} * dated_bills.intervals_a_year
            < 366 * dated_bills.interval_count + dated_bills.intervals_a_year
),

sold as (
    select
        items.subscription_id,
        items.term_months,
        months.observed_on,
        sum(items.monthly_amount) as gross_monthly
    from items
    inner join months
        on {{ holds_on('items', 'months.observed_on') }}
    group by items.subscription_id, items.term_months, months.observed_on
),

priced as (
    select
        subscription_id,
        observed_on,
        sum(gross_monthly) as gross_monthly
    from sold
    group by subscription_id, observed_on
),

-- A year that is not on the last bill was billed before, as long as it is sold; who went over to another interval has the last bill alone.
invoiced as (
    select
        covering.subscription_id,
        covering.observed_on,
        max(covering.customer_id) as customer_id,
        max(covering.over_on) as over_on,
        sum(covering.gross_monthly) as gross_monthly,
        sum({{ in_reporting_currency('covering.monthly_amount', 'rates.rate_to_reporting') }}) as mrr
    from covering
    left join sold
        on
            covering.subscription_id = sold.subscription_id
            and covering.observed_on = sold.observed_on
            and covering.term_months = sold.term_months
    left join rates
        on
            covering.currency = rates.currency
            and {{ holds_on('rates', 'covering.observed_on') }}
    where
        covering.place = 1
        and (covering.bills_to_the_last = 1 or sold.subscription_id is not null)
    group by covering.subscription_id, covering.observed_on
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
    -- Where nothing runs any more no next bill will come, and nothing is to spare.
    where contracted.subscription_id is not null or invoiced.observed_on < invoiced.over_on
)

select * from final
