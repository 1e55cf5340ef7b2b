with segments as (
    select * from {{ ref('dim_segments') }}
    where segment_scheme = 'touch_model'
),

efforts as (
    select
        max(case when effort = 'owed_touch' then minutes end) as touch_minutes,
        max(case when effort = 'owed_review' then minutes end) as review_minutes
    from {{ ref('efforts') }} as efforts
    where {{ holds_on('efforts', as_of_date()) }}
),

parameters as (
    select
        {{ parameter_value('capacity_hours_a_week') }} as hours_a_week,
        cast({{ parameter_value('capacity_weeks') }} as integer) as weeks,
        {{ parameter_value('capacity_customer_share') }} as customer_share,
        {{ parameter_value('capacity_availability') }} as availability
    from {{ ref('parameters') }} as parameters
    where {{ holds_on('parameters', as_of_date()) }}
),

capacity as (
    select
        7 * weeks as window_days,
        cast(cast(hours_a_week as decimal(9, 2)) * weeks * cast(customer_share as decimal(5, 4)) * cast(availability as decimal(5, 4)) as decimal(9, 2)) as capacity_hours
    from parameters
),

-- What customers do by themselves takes no time; reviews they do not hold by themselves.
final as (
    select
        segments.segment,
        capacity.window_days,
        capacity.capacity_hours,
        cast(coalesce({{ divide_exact(
            'capacity.window_days * efforts.touch_minutes * (1 - coalesce(segments.self_service_share, 0))',
            '60 * segments.touch_cadence_days',
            4
        ) }}, 0) as decimal(9, 4)) as touch_hours,
        cast(coalesce({{ divide_exact(
            'capacity.window_days * efforts.review_minutes',
            '60 * segments.review_cadence_days',
            4
        ) }}, 0) as decimal(9, 4)) as review_hours,
        cast(coalesce({{ divide_exact('1', 'segments.accounts_per_csm', 6) }}, 0) as decimal(9, 6)) as share_of_csm,
        segments.touch_cadence_days is not null or segments.review_cadence_days is not null as is_owed
    from segments
    cross join capacity
    cross join efforts
)

select * from final
