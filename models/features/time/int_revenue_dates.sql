with snapshots as (
    select * from {{ ref('int_snapshots') }}
),

months as (
    select * from {{ ref('int_months') }}
),

final as (
    select snapshot_date as revenue_date from snapshots
    union
    select observed_on as revenue_date from months
)

select * from final
