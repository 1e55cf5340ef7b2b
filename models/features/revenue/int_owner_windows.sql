with months as (
    select
        *,
        cast(row_number() over (order by month) as integer) as month_number
    from {{ ref('int_months') }}
),

mrr as (
    select * from {{ ref('int_account_mrr') }}
),

-- One month, and the twelve that retention is told by.
windows as (
    select 1 as window_months
    union all
    select 12 as window_months
),

paid as (
    select
        mrr.owner_id,
        mrr.account_id,
        mrr.mrr,
        months.month_number
    from months
    inner join mrr
        on months.observed_on = mrr.revenue_date
),

first_paid as (
    select
        owner_id,
        min(case when mrr > 0 then month_number end) as first_number
    from paid
    group by owner_id
),

-- Each month's MRR closes the windows that end with it and opens those that begin after it.
sides as (
    select
        paid.owner_id,
        paid.account_id,
        paid.month_number,
        windows.window_months,
        cast(0 as decimal(18, 4)) as opening_mrr,
        paid.mrr as closing_mrr,
        1 as is_active
    from paid
    cross join windows
    union all
    select
        paid.owner_id,
        paid.account_id,
        paid.month_number + windows.window_months as month_number,
        windows.window_months,
        paid.mrr as opening_mrr,
        cast(0 as decimal(18, 4)) as closing_mrr,
        0 as is_active
    from paid
    cross join windows
),

compared as (
    select
        owner_id,
        month_number,
        window_months,
        max(account_id) as account_id,
        cast(sum(opening_mrr) as decimal(18, 4)) as opening_mrr,
        cast(sum(closing_mrr) as decimal(18, 4)) as closing_mrr,
        max(is_active) as is_active
    from sides
    group by owner_id, month_number, window_months
),

final as (
    select
        compared.owner_id,
        compared.account_id,
        months.month,
        months.observed_on,
        months.is_complete,
        compared.window_months,
        openings.observed_on as opened_on,
        compared.opening_mrr,
        compared.closing_mrr,
        compared.is_active,
        coalesce(first_paid.first_number <= compared.month_number - compared.window_months, false) as has_paid_before
    from compared
    inner join months
        on compared.month_number = months.month_number
    inner join first_paid
        on compared.owner_id = first_paid.owner_id
    left join months as openings
        on compared.month_number - compared.window_months = openings.month_number
)

select * from final
