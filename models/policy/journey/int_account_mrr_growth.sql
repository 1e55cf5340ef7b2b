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

inherited as (
    select * from {{ ref('int_account_inherited_mrr') }}
),

-- Both at the rates of the later date, for a rate is not the customer; and what a merged account paid is no growth of the one that took it over.
compared as (
    select
        mrr.account_id,
        mrr.revenue_date,
        mrr.mrr,
        coalesce(earlier.mrr, 0) + coalesce(effects.rate_effect, 0) + coalesce(inherited.inherited_mrr, 0) as mrr_before
    from mrr
    inner join comparisons
        on mrr.revenue_date = comparisons.revenue_date
    left join mrr as earlier
        on
            mrr.account_id = earlier.account_id
            and comparisons.compared_with = earlier.revenue_date
    left join effects
        on
            mrr.account_id = effects.account_id
            and mrr.revenue_date = effects.revenue_date
            and comparisons.compared_with = effects.compared_with
    left join inherited
        on
            mrr.account_id = inherited.account_id
            and mrr.revenue_date = inherited.revenue_date
            and comparisons.compared_with = inherited.compared_with
),

-- Growth is between two dates with money: what comes from nothing is new, or comes back.
final as (
    select
        account_id,
        revenue_date as grown_on
    from compared
    where mrr_before > 0 and mrr > mrr_before
)

select * from final
