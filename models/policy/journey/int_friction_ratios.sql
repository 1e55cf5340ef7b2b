with accounts as (
    select * from {{ ref('int_friction_accounts') }}
),

parameters as (
    select
        {{ parameter_value('friction_minimum_tickets') }} as minimum_burden,
        {{ parameter_value('friction_minimum_accounts') }} as minimum_accounts
    from {{ ref('parameters') }} as parameters
    where {{ holds_on('parameters', as_of_date()) }}
),

shares as (
    select
        *,
        cast(window_days as {{ type_double() }}) / (window_days + base_days) as window_share,
        -- What it would see there by its own base rate: per action where it acts, else per day.
        cast(base_troubles as {{ type_double() }}) * coalesce(window_actions, window_days) / coalesce(base_actions, base_days) as expected_troubles
    from accounts
),

placed as (
    select shares.*, segment as of_segment from shares
    union all
    select shares.*, 'all_accounts' as of_segment from shares
),

-- By Mantel and Haenszel: the burden inside, each account by the share of its days that lies outside, and the other way round. An account of few days outside weighs little.
weighed as (
    select
        *,
        window_burden * (1 - window_share) as inside,
        base_burden * window_share as outside,
        (window_burden + base_burden) * window_share * (1 - window_share) as chance,
        -- What the window would hold of all burden of this account, were it like other days: it knows nothing of when that came.
        (window_burden + base_burden) * window_share as even_burden,
        case when window_burden + base_burden > 0 then window_share else 0 end as even_accounts
    from placed
),

totals as (
    select
        trouble,
        milestone,
        friction_window,
        of_segment,
        count(*) as accounts,
        sum(window_days) as window_days,
        sum(window_actions) as window_actions,
        sum(window_troubles) as window_troubles,
        sum(base_days) as base_days,
        sum(base_actions) as base_actions,
        sum(base_troubles) as base_troubles,
        sum(expected_troubles) as expected_troubles,
        sum(inside) as inside,
        sum(outside) as outside,
        sum(chance) as chance,
        sum(inside * inside) as inside_squared,
        sum(inside * outside) as inside_outside,
        sum(outside * outside) as outside_squared,
        sum(even_burden) as even_burden,
        sum(even_accounts) as even_accounts
    from weighed
    group by trouble, milestone, friction_window, of_segment
),

told as (
    select
        totals.*,
        totals.even_burden >= parameters.minimum_burden
        and totals.accounts >= parameters.minimum_accounts
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

squared as (
    select
        *,
        case
            when contact_ratio > 0
                then (inside_squared - 2 * contact_ratio * inside_outside + contact_ratio * contact_ratio * outside_squared) / (inside * inside) * accounts / (accounts - 1)
        end as between_squared,
        case when contact_ratio > 0 then chance / (inside * outside) end as chance_squared
    from measured
),

-- Accounts differ more than chance says, because trouble comes in bursts: the error is that between accounts, and never less than that of chance. Without any inside there is none to reckon with.
final as (
    select
        trouble,
        milestone,
        friction_window,
        of_segment as segment,
        cast(accounts as integer) as accounts,
        cast(window_days as integer) as window_days,
        cast(window_actions as bigint) as window_actions,
        cast(window_troubles as integer) as window_troubles,
        cast(base_days as integer) as base_days,
        cast(base_actions as bigint) as base_actions,
        cast(base_troubles as integer) as base_troubles,
        cast(expected_troubles as decimal(28, 10)) as expected_troubles,
        is_told,
        cast(contact_ratio as decimal(28, 10)) as contact_ratio,
        cast(sqrt(greatest(between_squared, chance_squared)) as decimal(28, 10)) as relative_error,
        cast(case when contact_ratio > 0 then sqrt(greatest(between_squared, 0)) end as decimal(28, 10)) as error_between,
        cast(even_accounts as decimal(28, 10)) as even_accounts
    from squared
)

select * from final
