with months as (
    select * from {{ ref('int_months') }}
),

mrr as (
    select * from {{ ref('int_account_mrr') }}
),

final as (
    select
        mrr.owner_id,
        months.month,
        mrr.account_id,
        mrr.unmatched_customer_id,
        case when mrr.account_id is null then 'unmatched' else 'matched' end as match_status,
        mrr.mrr,
        cast('{{ var("reporting_currency") }}' as {{ dbt.type_string() }}) as currency,
        mrr.seats,
        cast(mrr.active_subscriptions as integer) as active_subscriptions,
        months.observed_on,
        months.is_complete
    from months
    inner join mrr
        on months.observed_on = mrr.revenue_date
)

select * from final
