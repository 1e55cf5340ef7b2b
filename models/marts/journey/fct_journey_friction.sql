with accounts as (
    select * from {{ ref('int_friction_accounts') }}
),

parameters as (
    select
        {{ parameter_value('friction_minimum_tickets') }} as minimum_tickets,
        {{ parameter_value('friction_minimum_accounts') }} as minimum_accounts,
        cast({{ parameter_value('friction_standard_errors') }} as {{ type_double() }}) as standard_errors
    from {{ ref('parameters') }} as parameters
    where {{ holds_on('parameters', as_of_date()) }}
),

placed as (
    select accounts.*, segment as of_segment from accounts
    union all
    select accounts.*, 'all_accounts' as of_segment from accounts
),

-- What each account would have asked in its window at its own base rate.
expected as (
    select
        *,
        cast(base_tickets as {{ type_double() }}) * window_days / base_days as expected_tickets
    from placed
),

totals as (
    select
        milestone,
        friction_window,
        of_segment,
        count(*) as accounts,
        sum(window_days) as window_days,
        sum(window_tickets) as window_tickets,
        sum(base_days) as base_days,
        sum(base_tickets) as base_tickets,
        sum(expected_tickets) as expected_tickets
    from expected
    group by milestone, friction_window, of_segment
),

-- Accounts differ more than chance says, so the error is taken from how far they lie from the ratio, account by account.
spread as (
    select
        totals.milestone,
        totals.friction_window,
        totals.of_segment,
        sqrt(
            sum(power(expected.window_tickets - totals.window_tickets / totals.expected_tickets * expected.expected_tickets, 2))
            * totals.accounts / (totals.accounts - 1)
        ) / totals.window_tickets as relative_error
    from totals
    inner join expected
        on
            totals.milestone = expected.milestone
            and totals.friction_window = expected.friction_window
            and totals.of_segment = expected.of_segment
    cross join parameters
    where
        totals.window_tickets >= parameters.minimum_tickets
        and totals.accounts >= parameters.minimum_accounts
        and totals.expected_tickets > 0
    group by totals.milestone, totals.friction_window, totals.of_segment, totals.window_tickets, totals.expected_tickets, totals.accounts
),

judged as (
    select
        totals.*,
        spread.relative_error is not null as is_told,
        {{ rounded('totals.window_tickets / totals.expected_tickets', 'spread.relative_error') }} as contact_ratio,
        {{ rounded('totals.window_tickets / totals.expected_tickets * exp(-parameters.standard_errors * spread.relative_error)', 'spread.relative_error') }} as ratio_lower,
        {{ rounded('totals.window_tickets / totals.expected_tickets * exp(parameters.standard_errors * spread.relative_error)', 'spread.relative_error') }} as ratio_upper
    from totals
    cross join parameters
    left join spread
        on
            totals.milestone = spread.milestone
            and totals.friction_window = spread.friction_window
            and totals.of_segment = spread.of_segment
),

final as (
    select
        milestone,
        friction_window,
        of_segment as segment,
        cast(accounts as integer) as accounts,
        cast(window_days as integer) as window_days,
        cast(window_tickets as integer) as window_tickets,
        cast(base_days as integer) as base_days,
        cast(base_tickets as integer) as base_tickets,
        cast(round(cast(expected_tickets as decimal(28, 10)), 4) as decimal(18, 4)) as expected_tickets,
        contact_ratio,
        ratio_lower,
        ratio_upper,
        is_told,
        case
            when not is_told then 'too_few'
            when ratio_lower > 1 then 'more'
            when ratio_upper < 1 then 'fewer'
            else 'as_usual'
        end as verdict
    from judged
)

select * from final
