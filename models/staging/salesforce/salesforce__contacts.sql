{{ config(enabled=system_is_on('salesforce'), materialized='view') }}

with contacts as (
    select * from {{ ref('stg_salesforce__contact') }}
    where rejected_reason is null
),

accounts as (
    select * from {{ ref('salesforce__accounts') }}
),

title_roles as (
    select * from {{ ref('title_roles') }}
),

titles as (
    select distinct
        title,
        ' ' || {{ regexp_replace_all('lower(title)', '[^a-z0-9]+', ' ') }} || ' ' as words
    from contacts
    where title is not null
),

-- Whole words only: "cto" is not in "director".
ranked as (
    select
        titles.title,
        title_roles.contact_role,
        row_number() over (
            partition by titles.title order by title_roles.priority desc, length(title_roles.keyword) desc, {{ binary_order('title_roles.keyword') }}
        ) as role_rank
    from titles
    inner join title_roles
        on titles.words like '% ' || title_roles.keyword || ' %'
),

final as (
    select
        {{ source_key('salesforce', 'contacts.id') }} as contact_id,
        'salesforce' as source_system,
        accounts.account_id,
        lower(contacts.email) as email,
        contacts.title,
        ranked.contact_role,
        coalesce(contacts.created_date, contacts.last_modified_date) as created_at,
        contacts.email_bounced_date as left_at
    from contacts
    left join accounts
        on contacts.account_id = accounts.source_account_id
    left join ranked
        on contacts.title = ranked.title and ranked.role_rank = 1
)

select * from final
