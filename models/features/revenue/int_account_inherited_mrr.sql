with comparisons as (
    select distinct
        revenue_date,
        compared_with
    from {{ ref('int_revenue_comparisons') }}
),

heirs as (
    select * from {{ ref('int_account_heirs') }}
),

mrr as (
    select * from {{ ref('int_account_mrr') }}
),

effects as (
    select * from {{ ref('int_account_rate_effects') }}
),

-- Who was merged before the earlier date had none by then: the heir had it.
final as (
    select
        heirs.heir_account_id as account_id,
        comparisons.revenue_date,
        comparisons.compared_with,
        cast(sum(earlier.mrr + coalesce(effects.rate_effect, 0)) as decimal(18, 4)) as inherited_mrr
    from comparisons
    inner join heirs
        on {{ holds_on('heirs', 'comparisons.revenue_date') }}
    inner join mrr as earlier
        on
            heirs.account_id = earlier.account_id
            and comparisons.compared_with = earlier.revenue_date
    left join effects
        on
            heirs.account_id = effects.account_id
            and comparisons.revenue_date = effects.revenue_date
            and comparisons.compared_with = effects.compared_with
    group by heirs.heir_account_id, comparisons.revenue_date, comparisons.compared_with
)

select * from final
