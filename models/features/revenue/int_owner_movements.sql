with windows as (
    select * from {{ ref('int_owner_windows') }}
),

heirs as (
    select * from {{ ref('int_account_heirs') }}
),

-- What an account opened with, whose heir is a customer when the window closes, was handed over and is not lost.
handed_over as (
    select
        windows.account_id,
        heirs.heir_account_id,
        windows.month,
        windows.window_months,
        windows.opening_mrr
    from windows
    inner join heirs
        on windows.account_id = heirs.account_id and {{ holds_on('heirs', 'windows.observed_on') }}
    inner join windows as received
        on
            heirs.heir_account_id = received.account_id
            and windows.month = received.month
            and windows.window_months = received.window_months
    where windows.is_active = 0 and received.is_active = 1
),

transfers as (
    select
        account_id,
        month,
        window_months,
        cast(sum(transferred_mrr) as decimal(18, 4)) as transferred_mrr
    from (
        select
            account_id,
            month,
            window_months,
            -opening_mrr as transferred_mrr
        from handed_over
        union all
        select
            heir_account_id as account_id,
            month,
            window_months,
            opening_mrr as transferred_mrr
        from handed_over
    ) as both_sides
    group by account_id, month, window_months
),

final as (
    select
        windows.owner_id,
        windows.account_id,
        windows.month,
        windows.window_months,
        windows.opened_on,
        windows.opening_mrr,
        cast(coalesce(transfers.transferred_mrr, 0) as decimal(18, 4)) as transferred_mrr,
        windows.closing_mrr,
        windows.is_active,
        {{ mrr_movement('windows.opening_mrr + coalesce(transfers.transferred_mrr, 0)', 'windows.closing_mrr', 'windows.has_paid_before') }} as movement,
        windows.is_complete
    from windows
    left join transfers
        on
            windows.account_id = transfers.account_id
            and windows.month = transfers.month
            and windows.window_months = transfers.window_months
)

select * from final
