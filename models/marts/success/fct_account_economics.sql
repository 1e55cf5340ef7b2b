with economics as (
    select * from {{ ref('int_account_economics') }}
),

compared as (
    select
        *,
        sum(customers) over (partition by month, segment) as segment_customers,
        sum(case when customers = 1 then revenue else 0 end) over (partition by month, segment) as segment_revenue,
        sum(case when customers = 1 then cost_to_serve else 0 end) over (partition by month, segment) as segment_cost
    from economics
),

-- Times the number of customers instead of an average, so that nothing is rounded. Who is exactly average is not above it.
final as (
    select
        account_id,
        month,
        segment,
        customers = 1 as is_customer,
        revenue,
        activities,
        tickets,
        cast({{ divide_exact('minutes', '60', 4) }} as decimal(18, 4)) as hours_spent,
        cost_to_serve,
        cast(revenue - cost_to_serve as decimal(18, 4)) as margin,
        cast({{ divide_exact('revenue - cost_to_serve', 'revenue', 6) }} as decimal(18, 6)) as margin_rate,
        case
            when customers = 0 then null
            when revenue * segment_customers > segment_revenue and cost_to_serve * segment_customers > segment_cost then 'high_value_high_cost'
            when revenue * segment_customers > segment_revenue then 'under_served'
            when cost_to_serve * segment_customers > segment_cost then 'over_served'
            else 'low_value_low_cost'
        end as quadrant,
        cast('{{ var("reporting_currency") }}' as {{ dbt.type_string() }}) as currency,
        is_complete
    from compared
)

select * from final
