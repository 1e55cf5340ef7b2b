with friction_days as (
    select * from {{ ref('int_friction_days') }}
),

assignments as (
    select * from {{ ref('fct_segment_assignments') }}
    where segment_scheme = 'touch_model'
),

days as (
    select * from {{ ref('int_days') }}
),

parameters as (
    select cast({{ parameter_value('friction_base_days') }} as integer) as reach
    from {{ ref('parameters') }} as parameters
    where {{ holds_on('parameters', as_of_date()) }}
),

-- What is usual for an account is looked for near its window, before and after: how much it asks and works moves over the years.
bounded as (
    select
        friction_days.account_id,
        friction_days.milestone,
        friction_days.friction_window,
        friction_days.reached_on,
        {{ add_days('min(friction_days.day)', '-max(parameters.reach)') }} as base_from,
        {{ add_days('max(friction_days.day)', '1 + max(parameters.reach)') }} as base_until
    from friction_days
    cross join parameters
    group by friction_days.account_id, friction_days.milestone, friction_days.friction_window, friction_days.reached_on
),

-- The segment is that of the first snapshot that saw the milestone.
final as (
    select
        bounded.*,
        coalesce(assignments.segment, 'no_segment') as segment
    from bounded
    left join days
        on bounded.reached_on = days.day
    left join assignments
        on
            bounded.account_id = assignments.account_id
            and {{ holds_on('assignments', 'days.first_snapshot_date') }}
)

select * from final
