with activities as (
    select
        account_id,
        activity_type as effort,
        {{ local_date('occurred_at') }} as served_on
    from {{ ref('activities') }}
    where account_id is not null
),

tickets as (
    select
        support_organization_id,
        {{ local_date('created_at') }} as created_on
    from {{ ref('tickets') }}
),

matches as (
    select * from {{ ref('int_account_match_windows') }}
    where entity_type = 'support_organization' and account_id is not null
),

efforts as (
    select * from {{ ref('efforts') }}
),

lives as (
    select * from {{ ref('int_account_lives') }}
),

-- What was done before the first snapshot counts for the segment found there, in the same month: a month of the history is whole, and knows no later one.
assignments as (
    select
        account_id,
        segment,
        case
            when valid_from = min(valid_from) over (partition by account_id) then cast({{ dbt.date_trunc('month', 'valid_from') }} as date)
            else valid_from
        end as valid_from,
        valid_to
    from {{ ref('fct_segment_assignments') }}
    where segment_scheme = 'touch_model'
),

segments as (
    select * from {{ ref('segments') }}
    where segment_scheme = 'touch_model'
),

served as (
    select
        account_id,
        effort,
        served_on
    from activities
    union all
    select
        matches.account_id,
        'ticket' as effort,
        tickets.created_on
    from tickets
    inner join matches
        on
            tickets.support_organization_id = matches.entity_id
            and {{ holds_on('matches', 'tickets.created_on') }}
),

-- What was done costs what the segment of that day costs; before the months of the history, and after an account's life, it is not told.
priced as (
    select
        served.account_id,
        cast({{ dbt.date_trunc('month', 'served.served_on') }} as date) as month,
        coalesce(assignments.segment, 'no_segment') as segment,
        segments.cost_per_hour,
        sum(case when served.effort = 'ticket' then 0 else 1 end) as activities,
        sum(case when served.effort = 'ticket' then 1 else 0 end) as tickets,
        sum(efforts.minutes) as minutes
    from served
    inner join efforts
        on
            served.effort = efforts.effort
            and {{ holds_on('efforts', 'served.served_on') }}
    inner join lives
        on
            served.account_id = lives.account_id
            and {{ holds_on('lives', 'served.served_on', 'born_on', 'died_on') }}
    left join assignments
        on
            served.account_id = assignments.account_id
            and {{ holds_on('assignments', 'served.served_on') }}
    left join segments
        on
            assignments.segment = segments.segment
            and {{ holds_on('segments', 'served.served_on') }}
    where
        served.served_on >= cast({{ dbt.date_trunc('month', "cast('" ~ var('history_start_date') ~ "' as date)") }} as date)
        and served.served_on <= {{ as_of_date() }}
    group by served.account_id, cast({{ dbt.date_trunc('month', 'served.served_on') }} as date), coalesce(assignments.segment, 'no_segment'), segments.cost_per_hour
),

final as (
    select
        account_id,
        month,
        segment,
        cast(sum(activities) as integer) as activities,
        cast(sum(tickets) as integer) as tickets,
        cast(sum(minutes) as integer) as minutes,
        cast(sum({{ divide_exact('minutes * cost_per_hour', '60', 4) }}) as decimal(18, 4)) as cost
    from priced
    group by account_id, month, segment
)

select * from final
