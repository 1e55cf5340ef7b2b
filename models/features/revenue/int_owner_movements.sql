with months as (
    select
        *,
        cast(row_number() over (order by month) as integer) as month_number
    from {{ ref('int_months') }}
),

mrr as (
    select * from {{ ref('int_account_mrr') }}
),

heirs as (
    select * from {{ ref('int_account_heirs') }}
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

-- What an account opened with, whose heir is a customer when the window closes, was handed over and is not lost.
handed_over as (
    select
        compared.account_id,
        heirs.heir_account_id,
        compared.month_number,
        compared.window_months,
        compared.opening_mrr
    from compared
    inner join months
        on compared.month_number = months.month_number
    inner join heirs
        on compared.account_id = heirs.account_id and {{ holds_on('heirs', 'months.observed_on') }}
    inner join compared as received
        on
            heirs.heir_account_id = received.account_id
            and compared.month_number = received.month_number
            and compared.window_months = received.window_months
    where compared.is_active = 0 and received.is_active = 1
),

transfers as (
    select
        account_id,
        month_number,
        window_months,
        cast(sum(transferred_mrr) as decimal(18, 4)) as transferred_mrr
    from (
        select
            account_id,
            month_number,
            window_months,
            -opening_mrr as transferred_mrr
        from handed_over
        union all
        select
            heir_account_id as account_id,
            month_number,
            window_months,
            opening_mrr as transferred_mrr
        from handed_over
    ) as both_sides
    group by account_id, month_number, window_months
),

final as (
    select
        compared.owner_id,
        compared.account_id,
        months.month,
        compared.window_months,
        openings.observed_on as opened_on,
        compared.opening_mrr,
        cast(coalesce(transfers.transferred_mrr, 0) as decimal(18, 4)) as transferred_mrr,
        compared.closing_mrr,
        compared.is_active,
        {{ mrr_movement('compared.opening_mrr + coalesce(transfers.transferred_mrr, 0)', 'compared.closing_mrr', 'first_paid.first_number <= compared.month_number - compared.window_months') }} as movement,
        months.is_complete
    from compared
    inner join months
        on compared.month_number = months.month_number
    inner join first_paid
        on compared.owner_id = first_paid.owner_id
    left join transfers
        on
            compared.account_id = transfers.account_id
            and compared.month_number = transfers.month_number
            and compared.window_months = transfers.window_months
    left join months as openings
        on compared.month_number - compared.window_months = openings.month_number
)

select * from final
