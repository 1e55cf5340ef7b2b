with economics as (
    select * from {{ ref('int_account_economics') }}
),

totals as (
    select
        month,
        segment,
        is_complete,
        cast(sum(customers) as integer) as customers,
        cast(sum(revenue) as decimal(18, 4)) as revenue,
        cast(sum(activities) as integer) as activities,
        cast(sum(tickets) as integer) as tickets,
        cast(sum(minutes) as integer) as minutes,
        cast(sum(cost_to_serve) as decimal(18, 4)) as cost_to_serve
    from economics
    group by month, segment, is_complete
),

final as (
    select
        month,
        segment,
        customers,
        revenue,
        activities,
        tickets,
        cast({{ divide_exact('minutes', '60', 4) }} as decimal(18, 4)) as hours_spent,
        cost_to_serve,
        cast(revenue - cost_to_serve as decimal(18, 4)) as margin,
        cast({{ divide_exact('revenue - cost_to_serve', 'revenue', 6) }} as decimal(18, 6)) as margin_rate,
        cast('{{ var("reporting_currency") }}' as {{ dbt.type_string() }}) as currency,
        is_complete
    from totals
)

select * from final
