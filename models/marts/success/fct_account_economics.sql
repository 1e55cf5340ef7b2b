with months as (
    select * from {{ ref('int_months') }}
),

history as (
    select min(snapshot_date) as first_date from {{ ref('int_snapshots') }}
),

mrr as (
    select * from {{ ref('fct_account_mrr') }}
    where account_id is not null
),

assignments as (
    select * from {{ ref('fct_segment_assignments') }}
    where segment_scheme = 'touch_model'
),

costs as (
    select * from {{ ref('int_account_costs') }}
),

-- A part for the segment that it was in at the end of the month, and one for each in which something was done for it.
sides as (
    select
        mrr.account_id,
        mrr.month,
        coalesce(assignments.segment, 'no_segment') as segment,
        1 as customers,
        mrr.mrr as revenue,
        0 as activities,
        0 as tickets,
        0 as minutes,
        cast(null as decimal(18, 4)) as cost
    from mrr
    left join assignments
        on
            mrr.account_id = assignments.account_id
            and {{ holds_on('assignments', 'mrr.observed_on') }}
    union all
    select
        account_id,
        month,
        segment,
        0,
        0,
        activities,
        tickets,
        minutes,
        cost
    from costs
),

totals as (
    select
        account_id,
        month,
        segment,
        max(customers) as customers,
        cast(sum(revenue) as decimal(18, 4)) as revenue,
        cast(sum(activities) as integer) as activities,
        cast(sum(tickets) as integer) as tickets,
        cast(sum(minutes) as integer) as minutes,
        cast(coalesce(sum(cost), 0) as decimal(18, 4)) as cost_to_serve
    from sides
    group by account_id, month, segment
),

compared as (
    select
        totals.*,
        months.is_complete,
        sum(totals.customers) over (partition by totals.month, totals.segment) as segment_customers,
        sum(case when totals.customers = 1 then totals.revenue else 0 end) over (partition by totals.month, totals.segment) as segment_revenue,
        sum(case when totals.customers = 1 then totals.cost_to_serve else 0 end) over (partition by totals.month, totals.segment) as segment_cost
    from totals
    inner join months
        on totals.month = months.month
    cross join history
    where months.observed_on >= history.first_date
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
