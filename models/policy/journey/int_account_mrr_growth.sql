with mrr as (
    select * from {{ ref('int_account_mrr') }}
    where account_id is not null
),

dates as (
    select
        revenue_date,
        lag(revenue_date) over (order by revenue_date) as date_before
    from {{ ref('int_revenue_dates') }}
),

-- Growth is between two dates with money: what comes from nothing is new, or comes back.
final as (
    select
        mrr.account_id,
        mrr.revenue_date as grown_on
    from mrr
    inner join dates
        on mrr.revenue_date = dates.revenue_date
    inner join mrr as earlier
        on
            mrr.account_id = earlier.account_id
            and dates.date_before = earlier.revenue_date
    where earlier.mrr > 0 and mrr.mrr > earlier.mrr
)

select * from final
