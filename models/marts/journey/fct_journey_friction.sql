with ratios as (
    select * from {{ ref('int_friction_ratios') }}
),

parameters as (
    select cast({{ parameter_value('friction_level') }} as {{ type_double() }}) as level
    from {{ ref('parameters') }} as parameters
    where {{ holds_on('parameters', as_of_date()) }}
),

-- Who looks at many rows finds something in one of them: the level is shared out among all that are told (Bonferroni), half of it to either end.
shared as (
    select
        count(*) as rows_told,
        min(parameters.level) / (2 * count(*)) as tail
    from ratios
    cross join parameters
    where ratios.is_told
    having count(*) > 0
),

judged as (
    select
        ratios.*,
        shared.rows_told,
        cast(ratios.relative_error as {{ type_double() }}) as error,
        {{ normal_quantile('shared.tail') }} as standard_errors
    from ratios
    left join shared
        on ratios.is_told
),

bounded as (
    select
        *,
        {{ rounded('contact_ratio', 'relative_error') }} as ratio_told,
        {{ rounded('contact_ratio * exp(-standard_errors * error)', 'relative_error') }} as ratio_lower,
        {{ rounded('contact_ratio * exp(standard_errors * error)', 'relative_error') }} as ratio_upper
    from judged
),

final as (
    select
        milestone,
        friction_window,
        segment,
        accounts,
        window_days,
        window_tickets,
        base_days,
        base_tickets,
        cast(round(cast(expected_tickets as decimal(28, 10)), 4) as decimal(18, 4)) as expected_tickets,
        ratio_told as contact_ratio,
        ratio_lower,
        ratio_upper,
        is_told,
        cast(rows_told as integer) as compared_rows,
        case
            when not is_told then 'too_few'
            when ratio_lower > 1 then 'more'
            when ratio_upper < 1 then 'fewer'
            else 'as_usual'
        end as verdict
    from bounded
)

select * from final
