{{ config(materialized='view') }}

with segments as (
    select * from {{ ref('segments') }}
    where segment_scheme = 'touch_model'
),

begun as (
    select
        *,
        case when lag(touch_cadence_days) over (partition by segment order by valid_from) = touch_cadence_days then null else valid_from end as touch_begun,
        case when lag(review_cadence_days) over (partition by segment order by valid_from) = review_cadence_days then null else valid_from end as review_begun
    from segments
),

-- A cadence holds since the first of the rows in a row that say it; what they change beside it makes no new one.
final as (
    select
        segment,
        valid_from,
        valid_to,
        touch_cadence_days,
        review_cadence_days,
        max(touch_begun) over (
            partition by segment order by valid_from
            rows between unbounded preceding and current row
        ) as touch_cadence_since,
        max(review_begun) over (
            partition by segment order by valid_from
            rows between unbounded preceding and current row
        ) as review_cadence_since
    from begun
)

select * from final
