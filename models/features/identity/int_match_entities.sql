with customers as (
    select * from {{ ref('customers') }}
),

subscriptions as (
    select * from {{ ref('subscriptions') }}
),

workspaces as (
    select * from {{ ref('workspaces') }}
),

support_organizations as (
    select * from {{ ref('support_organizations') }}
),

tickets as (
    select * from {{ ref('tickets') }}
),

survey_responses as (
    select * from {{ ref('survey_responses') }}
),

-- Money may hang on a customer whose own row is missing: it becomes an entity without attributes, so that nothing is lost.
billing as (
    select
        subscriptions.customer_id as entity_id,
        min(subscriptions.source_system) as source_system,
        min(subscriptions.started_at) as first_seen_at
    from subscriptions
    left join customers
        on subscriptions.customer_id = customers.customer_id
    where customers.customer_id is null
    group by subscriptions.customer_id
),

support as (
    select
        tickets.support_organization_id as entity_id,
        min(tickets.source_system) as source_system,
        min(tickets.created_at) as first_seen_at
    from tickets
    left join support_organizations
        on tickets.support_organization_id = support_organizations.support_organization_id
    where
        support_organizations.support_organization_id is null
        and tickets.support_organization_id is not null
    group by tickets.support_organization_id
),

respondents as (
    select
        respondent_id as entity_id,
        min(source_system) as source_system,
        max(account_reference) as account_reference,
        max(domain) as domain,
        min(responded_at) as first_seen_at
    from survey_responses
    group by respondent_id
),

entities as (
    select 'billing_customer' as entity_type, customer_id as entity_id, source_system, account_reference, domain, customer_name as entity_name, created_at as first_seen_at from customers
    union all
    select 'billing_customer', entity_id, source_system, null, null, null, first_seen_at from billing
    union all
    select 'workspace', workspace_id, source_system, account_reference, domain, workspace_name, created_at from workspaces
    union all
    select 'support_organization', support_organization_id, source_system, account_reference, domain, organization_name, created_at from support_organizations
    union all
    select 'support_organization', entity_id, source_system, null, null, null, first_seen_at from support
    union all
    select 'survey_respondent', entity_id, source_system, account_reference, domain, null, first_seen_at from respondents
),

final as (
    select
        entity_type,
        entity_id,
        source_system,
        account_reference,
        lower(domain) as domain,
        {{ name_key('entity_name') }} as name_key,
        {{ local_date('first_seen_at') }} as first_seen_on
    from entities
)

select * from final
