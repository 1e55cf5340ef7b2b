with assignments as (
    select * from {{ ref('fct_segment_assignments') }}
    where segment_scheme = 'touch_model'
),

dues as (
    select * from {{ ref('int_attention_dues') }}
    where snapshot_date = {{ as_of_date() }} and customer_since is not null
),

segments as (
    select * from {{ ref('segments') }}
    where segment_scheme = 'touch_model' and touch_cadence_days is not null
),

parameters as (
    select
        cast(parameter_value as integer) as window_days,
        {{ add_days(as_of_date(), '1 - cast(parameter_value as integer)') }} as window_from
    from {{ ref('parameters') }}
    where parameter = 'attention_window_days' and valid_from <= {{ as_of_date() }} and (valid_to is null or {{ as_of_date() }} < valid_to)
),

-- The days of the window that each segment was in force for a customer, by the cadence of the day; the run's own day is the last of them. A pin can put an account into
-- a segment before it is a customer, and hold it there after it was one.
stays as (
    select
        assignments.account_id,
        segments.touch_cadence_days,
        {{ days_between(
            'greatest(assignments.valid_from, segments.valid_from, dues.customer_since, parameters.window_from)',
            "least(coalesce(assignments.valid_to, cast('9999-12-31' as date)), coalesce(segments.valid_to, cast('9999-12-31' as date)), "
            ~ add_days(as_of_date(), 1) ~ ")"
        ) }} as days_owed
    from assignments
    inner join segments
        on assignments.segment = segments.segment
    inner join dues
        on assignments.account_id = dues.account_id
    cross join parameters
    where
        (assignments.valid_to is null or assignments.valid_to > greatest(segments.valid_from, dues.customer_since, parameters.window_from))
        and (segments.valid_to is null or segments.valid_to > greatest(assignments.valid_from, dues.customer_since, parameters.window_from))
        and segments.valid_from <= {{ as_of_date() }}
),

final as (
    select
        account_id,
        cast(sum({{ divide_exact('days_owed', 'touch_cadence_days', 4) }}) as decimal(9, 4)) as touches_owed
    from stays
    group by account_id
)

select * from final
