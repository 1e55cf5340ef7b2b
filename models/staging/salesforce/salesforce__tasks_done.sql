{{ config(enabled=system_is_on('salesforce'), materialized='view') }}

with tasks as (
    select * from {{ ref('stg_salesforce__task') }}
    where rejected_reason is null
),

call_dispositions as (
    select * from {{ ref('call_dispositions') }}
),

-- A task counts once it is done; an open one is an intention.
tasks_done as (
    select
        id,
        account_id,
        what_id,
        who_id,
        owner_id,
        coalesce(completed_date_time, activity_date, created_date) as occurred_at,
        lower(coalesce(type, task_subtype, '')) as kind,
        lower(coalesce(task_subtype, '')) as subkind,
        call_disposition,
        lower(coalesce(subject, '')) as subject
    from tasks
    where is_closed or lower(status) = 'completed' or completed_date_time is not null
),

task_types as (
    select
        *,
        case
            when kind like '%call%' or subkind = 'call' then 'call'
            when kind like '%mail%' or subkind like '%mail%' then 'email'
            when kind like '%meeting%' or kind like '%demo%' then 'meeting'
            else 'task'
        end as activity_type,
        (
            kind like '%inbound%'
            or kind like '%repl%'
            or subject like 're:%'
            or subject like '% re:%'
            or subject like '%[in]%'
        ) as is_from_the_customer
    from tasks_done
),

dispositions as (
    select distinct
        call_disposition,
        ' ' || {{ regexp_replace_all('lower(call_disposition)', '[^a-z0-9]+', ' ') }} || ' ' as words
    from tasks_done
    where call_disposition is not null
),

disposition_ranks as (
    select
        dispositions.call_disposition,
        call_dispositions.is_two_way,
        row_number() over (
            partition by dispositions.call_disposition order by call_dispositions.priority desc, {{ binary_order('call_dispositions.keyword') }}
        ) as keyword_rank
    from dispositions
    inner join call_dispositions
        on dispositions.words like '% ' || call_dispositions.keyword || ' %'
),

-- The customer took part: a call that got through, an e-mail that came in or answers one, a meeting. A voicemail, an e-mail sent
-- and a to-do done are one-way.
final as (
    select
        task_types.id,
        task_types.account_id,
        task_types.what_id,
        task_types.who_id,
        task_types.owner_id,
        task_types.activity_type,
        task_types.occurred_at,
        case task_types.activity_type
            when 'meeting' then true
            when 'call' then coalesce(disposition_ranks.is_two_way, false)
            when 'email' then task_types.is_from_the_customer
            else false
        end as is_two_way
    from task_types
    left join disposition_ranks
        on task_types.call_disposition = disposition_ranks.call_disposition and disposition_ranks.keyword_rank = 1
)

select * from final
