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

-- Revenue by the segment at the end of the month, as it was looked at; cost by the segment of the day it was made.
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

final as (
    select
        totals.*,
        months.is_complete
    from totals
    inner join months
        on totals.month = months.month
    cross join history
    where months.observed_on >= history.first_date
)

select * from final
