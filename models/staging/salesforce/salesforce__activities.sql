{{ config(enabled=system_is_on('salesforce'), materialized='view') }}

with tasks_done as (
    select * from {{ ref('salesforce__tasks_done') }}
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

all_activities as (
    select * from tasks_done
    union all
    select
        id,
        account_id,
        what_id,
        who_id,
        owner_id,
        case when lower(type) like '%call%' then 'call' else 'meeting' end as activity_type,
        coalesce(start_date_time, activity_date_time) as occurred_at,
        true as is_two_way
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
