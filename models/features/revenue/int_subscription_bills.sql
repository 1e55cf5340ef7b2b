with items as (
    select * from {{ ref('int_subscription_item_periods') }}
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
        {{ local_date('voided_at') }} as voided_on
    from {{ ref('invoices') }}
),

-- What was sold on the day of the bill, or until that day where nothing was, says how long it lasts.
billed as (
    select
        invoices.invoice_id,
        invoices.customer_id,
        invoices.currency,
        invoices.amount_billed,
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
final as (
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
        {{ divide_exact('max(amount_billed) * max(intervals_a_year)', '12 * max(interval_count)', 8) }} as monthly_amount
    from billed
    where choice = 1
    group by invoice_id, customer_id, currency, issued_on, voided_on
    having count(distinct subscription_id) = 1
)

select * from final
