with ratios as (
    select * from {{ ref('int_friction_ratios') }}
),

windows as (
    select windows.* from {{ ref('friction_windows') }} as windows
    where {{ holds_on('windows', as_of_date()) }}
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
        shared.tail,
        cast(ratios.contact_ratio as {{ type_double() }}) as ratio,
        cast(ratios.relative_error as {{ type_double() }}) as error,
        cast(ratios.error_between as {{ type_double() }}) as error_of_accounts,
        {{ normal_quantile('shared.tail') }} as standard_errors,
        -- At most so much lies in a window that nothing would still be seen, all that an account ever had being one burst.
        -ln(shared.tail) / cast(nullif(ratios.even_accounts, 0) as {{ type_double() }}) as unseen
    from ratios
    left join shared
        on ratios.is_told
),

-- The fewer troubles, the larger their error by chance, so that nearly none would leave more open than none at all. Below 1 chance opens no more than such bursts would (Chernoff's bound of a
-- count), which comes down to what none leaves open. Above it next to nothing outside leaves all open: beyond an exponent of 300 engines differ.
opened as (
    select
        *,
        least(standard_errors * error, 300) as fall,
        case
            when ratio > 0 and ratio < 1
                then greatest(standard_errors * error_of_accounts, least(standard_errors * error, ln(1 + sqrt(2 * unseen / ratio) + unseen / ratio)))
            else least(standard_errors * error, 300)
        end as rise
    from judged
),

bounded as (
    select
        *,
        {{ rounded('contact_ratio', 'contact_ratio') }} as ratio_told,
        case when contact_ratio = 0 then 0 else {{ rounded('ratio * exp(-fall)', 'relative_error') }} end as ratio_lower,
        case
            when contact_ratio = 0 then {{ rounded('unseen', 'contact_ratio') }}
            else {{ rounded('ratio * exp(rise)', 'relative_error') }}
        end as ratio_upper
    from opened
),

told as (
    select
        trouble,
        milestone,
        friction_window,
        segment,
        accounts,
        window_days,
        window_actions,
        window_troubles,
        base_days,
        base_actions,
        base_troubles,
        cast(round(expected_troubles, 4) as decimal(18, 4)) as expected_troubles,
        ratio_told as contact_ratio,
        cast(ratio_lower as decimal(18, 4)) as ratio_lower,
        cast(ratio_upper as decimal(18, 4)) as ratio_upper,
        is_told,
        cast(rows_told as integer) as compared_rows,
        case
            when not is_told then 'too_few'
            when ratio_lower > 1 then 'more'
            when ratio_upper < 1 then 'fewer'
            else 'as_usual'
        end as verdict
    from bounded
),

troubles as (
    select 'tickets' as trouble
    union all
    select 'failed_actions' as trouble
),

-- A window of policy in which nobody had anything to see is said too: its days may all belong to one that goes before it.
final as (
    select * from told
    union all
    select
        troubles.trouble,
        windows.milestone,
        windows.friction_window,
        'all_accounts' as segment,
        0 as accounts,
        0 as window_days,
        cast(null as bigint) as window_actions,
        0 as window_troubles,
        0 as base_days,
        cast(null as bigint) as base_actions,
        0 as base_troubles,
        cast(0 as decimal(18, 4)) as expected_troubles,
        cast(null as decimal(18, 4)) as contact_ratio,
        cast(null as decimal(18, 4)) as ratio_lower,
        cast(null as decimal(18, 4)) as ratio_upper,
        false as is_told,
        cast(null as integer) as compared_rows,
        'nobody' as verdict
    from windows
    cross join troubles
    left join told
        on windows.friction_window = told.friction_window and troubles.trouble = told.trouble
    where told.trouble is null
)

select * from final
