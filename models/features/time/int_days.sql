with days as (
    {{ dbt.date_spine(
        'day',
        "cast('" ~ var('calendar_start_date') ~ "' as date)",
        add_days(as_of_date(), 1)
    ) }}
),

snapshots as (
    select * from {{ ref('int_snapshots') }}
),

dated as (
    select cast(date_day as date) as day from days
),

final as (
    select
        dated.day,
        min(snapshots.snapshot_date) as first_snapshot_date
    from dated
    inner join snapshots
        on dated.day <= snapshots.snapshot_date
    group by dated.day
)

select * from final
