{{ config(enabled=system_is_on('zendesk'), materialized='view') }}

with tickets as (
    select * from {{ ref('stg_zendesk__ticket') }}
    where rejected_reason is null
),

changes as (
    select * from {{ ref('stg_zendesk__ticket_field_history') }}
    where rejected_reason is null
),

-- Solved and closed are one state: a solved ticket closes by itself some days later.
statuses as (
    select
        ticket_id,
        updated,
        case when lower(field_value) in ('solved', 'closed') then 1 else 0 end as is_solved
    from changes
    where field_name = 'status' and field_value is not null
),

compared as (
    select
        *,
        coalesce(lag(is_solved) over (partition by ticket_id order by updated), 0) as was_solved
    from statuses
),

turns as (
    select
        ticket_id,
        updated as solved_at,
        is_solved,
        lead(updated) over (partition by ticket_id order by updated) as reopened_at
    from compared
    where is_solved <> was_solved
),

with_history as (
    select distinct ticket_id from statuses
),

-- Without a history of the status the ticket's own status must do.
solutions as (
    select
        ticket_id,
        solved_at,
        reopened_at,
        true as reopening_is_told
    from turns
    where is_solved = 1
    union all
    select
        tickets.id as ticket_id,
        tickets.updated_at as solved_at,
        cast(null as {{ dbt.type_timestamp() }}) as reopened_at,
        false as reopening_is_told
    from tickets
    left join with_history
        on tickets.id = with_history.ticket_id
    where
        with_history.ticket_id is null
        and tickets.status in ('solved', 'closed')
        and tickets.updated_at is not null
),

final as (
    select
        {{ source_key('zendesk', 'solutions.ticket_id') }} as ticket_id,
        'zendesk' as source_system,
        solutions.solved_at,
        solutions.reopened_at,
        solutions.reopening_is_told
    from solutions
    inner join tickets
        on solutions.ticket_id = tickets.id
)

select * from final
