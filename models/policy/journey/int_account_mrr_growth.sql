with mrr as (
    select * from {{ ref('int_account_mrr') }}
    where account_id is not null
),

comparisons as (
    select * from {{ ref('int_revenue_comparisons') }}
    where comparison = 'date_before'
),

effects as (
    select * from {{ ref('int_account_rate_effects') }}
),

-- Growth is between two dates with money: what comes from nothing is new, or comes back. Both at the rates of the later one, for a rate is not the customer.
final as (
    select
        mrr.account_id,
        mrr.revenue_date as grown_on
    from mrr
    inner join comparisons
        on mrr.revenue_date = comparisons.revenue_date
    inner join mrr as earlier
        on
            mrr.account_id = earlier.account_id
            and comparisons.compared_with = earlier.revenue_date
    left join effects
        on
            mrr.account_id = effects.account_id
            and mrr.revenue_date = effects.revenue_date
            and comparisons.compared_with = effects.compared_with
    where earlier.mrr > 0 and mrr.mrr > earlier.mrr + coalesce(effects.rate_effect, 0)
)

select * from final
