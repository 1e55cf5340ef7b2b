with items as (
    select * from {{ ref('int_subscription_terms') }}
),

invoices as (
    select
        invoice_id,
        customer_id,
        subscription_id,
        currency,
        -- Contracts are without tax.
        coalesce(amount_without_tax, amount_due) as amount_billed,
        {{ local_date('issued_at') }} as issued_on,
        {{ add_days(local_date('issued_at'), -4) }} as early_by,
        {{ local_date('voided_at') }} as voided_on
    from {{ ref('invoices') }}
),

-- What was sold on the day of the bill, or until that day where nothing was, says how long it lasts: what costs nothing only where nothing else was.
sold as (
    select
        invoices.*,
        items.subscription_id as sold_subscription_id,
        items.interval_count,
        items.intervals_a_year,
        items.term_months,
        items.amount,
        items.monthly_amount,
        {{ end_of_term('items.terms_from', 'items.term_months', 'invoices.early_by') }} as next_term_from,
        rank() over (
            partition by invoices.invoice_id
            order by
                case when items.valid_to = invoices.issued_on then 1 else 0 end,
                case when items.amount > 0 then 0 else 1 end
        ) as choice
    from invoices
    inner join items
        on
            invoices.customer_id = items.customer_id
            and (invoices.subscription_id is null or invoices.subscription_id = items.subscription_id)
            and items.valid_from <= invoices.issued_on
            and (items.valid_to is null or invoices.issued_on <= items.valid_to)
),

by_interval as (
    select
        invoice_id,
        customer_id,
        currency,
        amount_billed,
        issued_on,
        voided_on,
        term_months,
        min(sold_subscription_id) as subscription_id,
        max(sold_subscription_id) as last_subscription_id,
        max(interval_count) as interval_count,
        max(intervals_a_year) as intervals_a_year,
        sum(amount) as amount,
        sum(monthly_amount) as gross_monthly,
        max(case when {{ days_between('issued_on', 'next_term_from') }} <= 3 then 1 else 0 end) as begins_now
    from sold
    where choice = 1
    group by invoice_id, customer_id, currency, amount_billed, issued_on, voided_on, term_months
),

compared as (
    select
        *,
        min(subscription_id) over (partition by invoice_id) as first_subscription_id,
        max(last_subscription_id) over (partition by invoice_id) as other_subscription_id,
        min(term_months) over (partition by invoice_id) as shortest_term_months
    from by_interval
),

-- What is sold by the year is on the bill of the month in which its year begins, beside what is sold by the month: each has its share of that bill by its price.
-- A bill that names no subscription is that of the only one there is.
shared as (
    select
        *,
        count(*) over (partition by invoice_id) as intervals,
        sum(amount) over (partition by invoice_id) as all_amounts
    from compared
    where
        first_subscription_id = other_subscription_id
        and (term_months = shortest_term_months or (begins_now = 1 and amount > 0))
),

amounts as (
    select
        *,
        case
            when intervals = 1 then amount_billed
            else cast(cast(amount_billed as decimal(18, 4)) * cast({{ divide_exact('amount', 'all_amounts', 8) }} as decimal(9, 8)) as decimal(18, 4))
        end as amount_of_interval
    from shared
),

final as (
    select
        invoice_id,
        customer_id,
        currency,
        issued_on,
        voided_on,
        subscription_id,
        term_months,
        interval_count,
        intervals_a_year,
        gross_monthly,
        {{ divide_exact('amount_of_interval * intervals_a_year', '12 * interval_count', 8) }} as monthly_amount
    from amounts
)

select * from final
