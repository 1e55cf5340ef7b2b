with accounts as (
    select * from {{ ref('int_friction_accounts') }}
),

parameters as (
    select
        {{ parameter_value('friction_minimum_tickets') }} as minimum_tickets,
        {{ parameter_value('friction_minimum_accounts') }} as minimum_accounts
    from {{ ref('parameters') }} as parameters
    where {{ holds_on('parameters', as_of_date()) }}
),

placed as (
    select accounts.*, segment as of_segment from accounts
    union all
    select accounts.*, 'all_accounts' as of_segment from accounts
),

-- By Mantel and Haenszel: the tickets inside, each account by the share of its days that lies outside, and the other way round. An account of few days outside weighs little.
weighed as (
    select
        *,
        cast(base_tickets as {{ type_double() }}) * window_days / base_days as expected_tickets,
        cast(window_tickets as {{ type_double() }}) * base_days / (window_days + base_days) as inside,
        cast(base_tickets as {{ type_double() }}) * window_days / (window_days + base_days) as outside,
        cast(window_tickets + base_tickets as {{ type_double() }}) * window_days * base_days
        / (cast(window_days + base_days as {{ type_double() }}) * (window_days + base_days)) as chance
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
        sum(expected_tickets) as expected_tickets,
        sum(inside) as inside,
        sum(outside) as outside,
        sum(chance) as chance,
        sum(inside * inside) as inside_squared,
        sum(inside * outside) as inside_outside,
        sum(outside * outside) as outside_squared,
        -- What the window would hold of all tickets of these accounts, were it like other days: it knows nothing of when they came.
        sum(cast(window_tickets + base_tickets as {{ type_double() }}) * window_days / (window_days + base_days)) as even_tickets
    from weighed
    group by milestone, friction_window, of_segment
),

told as (
    select
        totals.*,
        totals.even_tickets >= parameters.minimum_tickets
        and totals.accounts >= parameters.minimum_accounts
        and totals.inside > 0
        and totals.outside > 0 as is_told
    from totals
    cross join parameters
),

measured as (
    select
        *,
        case when is_told then inside / outside end as contact_ratio
    from told
),

-- Accounts differ more than chance says, because tickets come in bursts: the error is that between accounts, and never less than that of chance.
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
        expected_tickets,
        is_told,
        cast(contact_ratio as decimal(28, 10)) as contact_ratio,
        cast(case
            when is_told
                then sqrt(greatest(
                    (inside_squared - 2 * contact_ratio * inside_outside + contact_ratio * contact_ratio * outside_squared)
                    / (inside * inside) * accounts / (accounts - 1),
                    chance / (inside * outside)
                ))
        end as decimal(28, 10)) as relative_error
    from measured
)

select * from final
