with account_snapshots as (
    select * from {{ ref('int_account_snapshots') }}
),

matches as (
    select * from {{ ref('int_account_match_windows') }}
),

entities as (
    select * from {{ ref('int_match_entities') }}
),

invoices as (
    select * from {{ ref('invoices') }}
),

owed_invoices as (
    select * from {{ ref('int_owed_invoices') }}
),

payments as (
    select * from {{ ref('payments') }}
),

rates as (
    select * from {{ ref('currency_rates') }}
),

customers as (
    select
        account_snapshots.account_id,
        account_snapshots.snapshot_date,
        matches.entity_id as customer_id,
        entities.source_system
    from account_snapshots
    inner join matches
        on
            account_snapshots.account_id = matches.account_id
            and matches.entity_type = 'billing_customer'
            and {{ holds_on('matches', 'account_snapshots.snapshot_date') }}
    inner join entities
        on
            matches.entity_type = entities.entity_type
            and matches.entity_id = entities.entity_id
),

overdue as (
    select
        customers.account_id,
        customers.snapshot_date,
        max({{ days_between('owed_invoices.due_on', 'customers.snapshot_date') }}) as days_overdue,
        cast(sum(cast(owed_invoices.amount_due as decimal(20, 4)) * cast(rates.rate_to_reporting as decimal(16, 8))) as decimal(18, 4)) as overdue_amount
    from customers
    inner join owed_invoices
        on
            customers.customer_id = owed_invoices.customer_id
            and owed_invoices.due_on < customers.snapshot_date
            and (owed_invoices.owed_until is null or owed_invoices.owed_until > customers.snapshot_date)
    left join rates
        on
            owed_invoices.currency = rates.currency
            and {{ holds_on('rates', 'customers.snapshot_date') }}
    group by customers.account_id, customers.snapshot_date
),

failed_payments as (
    select
        customer_id,
        {{ local_date('attempted_at') }} as failed_on
    from payments
    where not is_successful and not coalesce(is_pending, false)
),

failed as (
    select
        customers.account_id,
        customers.snapshot_date,
        count(*) as failed_payments_90d
    from customers
    inner join failed_payments
        on
            customers.customer_id = failed_payments.customer_id
            and failed_payments.failed_on > {{ add_days('customers.snapshot_date', -90) }}
            and failed_payments.failed_on <= customers.snapshot_date
    group by customers.account_id, customers.snapshot_date
),

-- The bills of a customer may also come from another system than the customer: whoever had one gets them.
told as (
    select
        customer_id,
        min({{ local_date('issued_at') }}) as invoices_since,
        cast(null as date) as payments_since
    from invoices
    group by customer_id
    union all
    select
        customer_id,
        null,
        min({{ local_date('attempted_at') }})
    from payments
    group by customer_id
),

-- No bill where nobody tells of bills is no good sign.
known as (
    select
        customers.account_id,
        customers.snapshot_date,
        max(case when {{ is_filled_by('invoices', 'customers.source_system') }} or told.invoices_since <= customers.snapshot_date then 1 else 0 end) as invoices_are_known,
        max(case when {{ is_filled_by('payments', 'customers.source_system') }} or told.payments_since <= customers.snapshot_date then 1 else 0 end) as payments_are_known
    from customers
    left join told
        on customers.customer_id = told.customer_id
    group by customers.account_id, customers.snapshot_date
),

final as (
    select
        known.account_id,
        known.snapshot_date,
        case when known.invoices_are_known = 1 then coalesce(overdue.days_overdue, 0) end as days_overdue,
        cast(case when known.invoices_are_known = 1 then coalesce(overdue.overdue_amount, 0) end as decimal(18, 4)) as overdue_amount,
        case when known.payments_are_known = 1 then coalesce(failed.failed_payments_90d, 0) end as failed_payments_90d
    from known
    left join overdue
        on known.account_id = overdue.account_id and known.snapshot_date = overdue.snapshot_date
    left join failed
        on known.account_id = failed.account_id and known.snapshot_date = failed.snapshot_date
)

select * from final
