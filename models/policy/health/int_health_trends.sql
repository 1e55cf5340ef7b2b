with results as (
    select * from {{ ref('int_health_results') }}
),

history as (
    select * from {{ ref('int_health_history') }}
),

snapshots as (
    select * from {{ ref('int_snapshots') }}
),

parameters as (
    select * from {{ ref('parameters') }}
),

-- Each snapshot looks back to the latest one that is at least health_trend_days older.
comparisons as (
    select
        snapshots.snapshot_date,
        max(earlier.snapshot_date) as compared_with
    from snapshots
    inner join parameters
        on
            parameters.parameter = 'health_trend_days'
            and {{ holds_on('parameters', 'snapshots.snapshot_date') }}
    inner join snapshots as earlier
        on {{ days_between('earlier.snapshot_date', 'snapshots.snapshot_date') }} >= parameters.parameter_value
    group by snapshots.snapshot_date
),

final as (
    select
        results.account_id,
        results.snapshot_date,
        comparisons.compared_with,
        cast(results.health_score - earlier.health_score as decimal(5, 2)) as health_score_change
    from results
    inner join comparisons
        on results.snapshot_date = comparisons.snapshot_date
    inner join history as earlier
        on
            results.account_id = earlier.account_id
            and comparisons.compared_with = earlier.snapshot_date
)

select * from final
