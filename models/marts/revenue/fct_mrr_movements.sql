with months as (
    select * from {{ ref('int_months') }}
),

account_mrr as (
    select * from {{ ref('fct_account_mrr') }}
    where match_status = 'matched'
),

first_months as (
    select account_id, min(month) as first_month from account_mrr
    group by account_id
),

-- Every month from the first one on, so that a month without money is a zero and not a gap.
grid as (
    select
        first_months.account_id,
        months.month,
        months.is_complete,
        cast(coalesce(account_mrr.mrr, 0) as decimal(18, 4)) as closing_mrr
    from first_months
    inner join months
        on first_months.first_month <= months.month
    left join account_mrr
        on first_months.account_id = account_mrr.account_id and months.month = account_mrr.month
),

compared as (
    select
        *,
        coalesce(lag(closing_mrr) over (partition by account_id order by month), 0) as opening_mrr,
        coalesce(max(closing_mrr) over (
            partition by account_id order by month
            rows between unbounded preceding and 1 preceding
        ), 0) as highest_mrr_before
    from grid
),

classified as (
    select
        *,
        {{ mrr_movement('opening_mrr', 'closing_mrr', 'highest_mrr_before > 0') }} as movement
    from compared
),

final as (
    select
        account_id,
        month,
        movement,
        cast(closing_mrr - opening_mrr as decimal(18, 4)) as mrr,
        cast(opening_mrr as decimal(18, 4)) as opening_mrr,
        closing_mrr,
        cast('{{ var("reporting_currency") }}' as {{ dbt.type_string() }}) as currency,
        is_complete
    from classified
    where movement is not null
)

select * from final
