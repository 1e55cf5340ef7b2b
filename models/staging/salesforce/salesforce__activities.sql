{{ config(enabled=system_is_on('salesforce'), materialized='view') }}

with tasks as (
    select * from {{ ref('stg_salesforce__task') }}
    where rejected_reason is null
),

events as (
    select * from {{ ref('stg_salesforce__event') }}
    where rejected_reason is null
),

accounts as (
    select * from {{ ref('salesforce__accounts') }}
),

opportunities as (
    select * from {{ ref('salesforce__opportunities') }}
),

contacts as (
    select * from {{ ref('salesforce__contacts') }}
),

-- A task counts once it is done; an open one is an intention.
tasks_done as (
    select
        id, account_id, what_id, who_id, owner_id,
        coalesce(completed_date_time, activity_date, created_date) as occurred_at,
        lower(coalesce(type, task_subtype, '')) as kind,
        lower(coalesce(task_subtype, '')) as subkind,
        lower(coalesce(call_disposition, '')) as disposition,
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
        end as activity_type
    from tasks_done
),

-- The customer took part: a call that got through, an e-mail that came in or answers one, a meeting. A voicemail, an e-mail sent
-- and a to-do done are one-way.
task_answers as (
    select
        id, account_id, what_id, who_id, owner_id, activity_type, occurred_at,
        case activity_type
            when 'meeting' then true
            when 'call' then
                (disposition like '%connected%' or disposition like '%answered%' or disposition like '%spoke%')
                and disposition not like '%not %' and disposition not like '%no %'
                and disposition not like '%un%answered%' and disposition not like '%disconnected%'
            when 'email' then
                kind like '%inbound%' or kind like '%repl%' or kind like '%received%'
                or subject like 're:%' or subject like '% re:%' or subject like '%[in]%'
            else false
        end as is_two_way
    from task_types
),

all_activities as (
    select * from task_answers
    union all
    select
        id, account_id, what_id, who_id, owner_id,
        case when lower(type) like '%call%' then 'call' else 'meeting' end,
        coalesce(start_date_time, activity_date_time),
        true
    from events
),

-- account_id is often empty: then what it is about says (an account or an opportunity), then whom it is with.
final as (
    select
        {{ source_key('salesforce', 'all_activities.id') }} as activity_id,
        'salesforce' as source_system,
        coalesce(direct.account_id, about.account_id, opportunities.account_id, contacts.account_id) as account_id,
        contacts.contact_id,
        {{ source_key('salesforce', 'all_activities.owner_id') }} as owner_user_id,
        all_activities.activity_type,
        all_activities.is_two_way,
        all_activities.occurred_at
    from all_activities
    left join accounts as direct
        on all_activities.account_id = direct.source_account_id
    left join accounts as about
        on all_activities.what_id = about.source_account_id
    left join opportunities
        on {{ source_key('salesforce', 'all_activities.what_id') }} = opportunities.opportunity_id
    left join contacts
        on {{ source_key('salesforce', 'all_activities.who_id') }} = contacts.contact_id
)

select * from final
