with dates as (
    select
        revenue_date,
        lag(revenue_date) over (order by revenue_date) as date_before
    from {{ ref('int_revenue_dates') }}
),

snapshots as (
    select * from {{ ref('int_snapshots') }}
),

-- Each snapshot looks back to the latest one that is at least 90 days older.
final as (
    select
        snapshots.snapshot_date as revenue_date,
        '90_days' as comparison,
        max(earlier.snapshot_date) as compared_with
    from snapshots
    inner join snapshots as earlier
        on {{ days_between('earlier.snapshot_date', 'snapshots.snapshot_date') }} >= 90
    group by snapshots.snapshot_date
    union all
    select
        revenue_date,
        'date_before' as comparison,
        date_before as compared_with
    from dates
    where date_before is not null
)

select * from final
