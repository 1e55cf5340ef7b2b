with invoices as (
    select
        *,
        {{ local_date('issued_at') }} as issued_on,
        {{ local_date('paid_at') }} as paid_on,
        {{ local_date('voided_at') }} as voided_on,
        {{ local_date('given_up_at') }} as given_up_on
    from {{ ref('invoices') }}
    where amount_due > 0
),

payments as (
    select
        invoice_id,
        customer_id,
        amount,
        {{ local_date('attempted_at') }} as attempted_on
    from {{ ref('payments') }}
    where is_successful or is_pending
),

-- A debit takes days. Nobody is late meanwhile, nor was afterwards: from the day on which it began, whether it is still under way or came.
debited as (
    select
        invoices.invoice_id,
        min(payments.attempted_on) as debited_on
    from invoices
    inner join payments
        on
            invoices.invoice_id = payments.invoice_id
            and invoices.customer_id = payments.customer_id
            and invoices.amount_due <= payments.amount
    group by invoices.invoice_id
),

-- Who pays a later bill is a paying customer again, and what was given up is history. Who pays none still owes it.
forgiven as (
    select
        given_up.invoice_id,
        min(greatest(given_up.given_up_on, later.issued_on, later.paid_on)) as forgiven_on
    from invoices as given_up
    inner join invoices as later
        on
            given_up.customer_id = later.customer_id
            and given_up.issued_at < later.issued_at
    where
        given_up.given_up_on is not null
        and later.paid_on is not null
    group by given_up.invoice_id
),

final as (
    select
        invoices.invoice_id,
        invoices.customer_id,
        invoices.currency,
        invoices.amount_due,
        {{ local_date('coalesce(invoices.due_at, invoices.issued_at)') }} as due_on,
        least(invoices.paid_on, invoices.voided_on, debited.debited_on, forgiven.forgiven_on) as owed_until
    from invoices
    left join debited
        on invoices.invoice_id = debited.invoice_id
    left join forgiven
        on invoices.invoice_id = forgiven.invoice_id
)

select * from final
