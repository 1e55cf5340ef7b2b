{{ config(enabled=system_is_on('zendesk'), materialized='view') }}

with organizations as (
    select * from {{ ref('stg_zendesk__organization') }}
    where rejected_reason is null
),

domains as (
    select
        organization_id,
        domain_name,
        row_number() over (
            partition by organization_id
            order by case when domain_position is null then 1 else 0 end, domain_position, {{ binary_order('domain_name') }}
        ) as domain_rank
    from {{ ref('stg_zendesk__domain_name') }}
    where rejected_reason is null
),

final as (
    select
        {{ source_key('zendesk', 'organizations.id') }} as support_organization_id,
        'zendesk' as source_system,
        organizations.external_id as account_reference,
        organizations.name as organization_name,
        {{ domain_of_url('domains.domain_name') }} as domain,
        organizations.created_at
    from organizations
    left join domains
        on organizations.id = domains.organization_id and domains.domain_rank = 1
)

select * from final
