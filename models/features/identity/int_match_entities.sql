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

respondents as (
    select * from {{ ref('int_survey_respondents') }}
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

entities as (
    select
        'workspace' as entity_type, workspace_id as entity_id, source_system,
        account_reference, account_reference_since, domain, domain_since,
        workspace_name as entity_name, workspace_name_since as name_since, created_at as first_seen_at
    from workspaces
    union all
    select 'billing_customer', customer_id, source_system, account_reference, null, domain, null, customer_name, null, created_at from customers
    union all
    select 'billing_customer', entity_id, source_system, null, null, null, null, null, null, first_seen_at from billing
    union all
    select 'support_organization', support_organization_id, source_system, account_reference, null, domain, null, organization_name, null, created_at from support_organizations
    union all
    select 'support_organization', entity_id, source_system, null, null, null, null, null, null, first_seen_at from support
    union all
    select 'survey_respondent', respondent_id, source_system, account_reference, account_reference_since, domain, domain_since, null, null, first_responded_at from respondents
),

final as (
    select
        entity_type,
        entity_id,
        source_system,
        account_reference,
        {{ local_date('account_reference_since') }} as reference_known_on,
        {{ lower_case('domain') }} as domain,
        {{ local_date('domain_since') }} as domain_known_on,
        {{ name_key('entity_name') }} as name_key,
        {{ local_date('name_since') }} as name_known_on,
        {{ local_date('first_seen_at') }} as first_seen_on
    from entities
)

select * from final
