{{ config(enabled=system_is_on('salesforce'), materialized='view') }}

with opportunities as (
    select * from {{ ref('stg_salesforce__opportunity') }}
    where rejected_reason is null
),

accounts as (
    select * from {{ ref('salesforce__accounts') }}
),

final as (
    select
        {{ source_key('salesforce', 'opportunities.id') }} as opportunity_id,
        'salesforce' as source_system,
        accounts.account_id,
        case
            when lower(opportunities.type) like '%renewal%' then 'renewal'
            when lower(opportunities.type) like '%expansion%' then 'expansion'
            when lower(opportunities.type) like '%upsell%' then 'expansion'
            when lower(opportunities.type) like '%upgrade%' then 'expansion'
            when lower(opportunities.type) like '%add-on%' then 'expansion'
            when lower(opportunities.type) like '%existing%' then 'expansion'
            when lower(opportunities.type) like '%new%' then 'new_business'
        end as opportunity_type,
        opportunities.stage_name,
        opportunities.amount,
        opportunities.created_date as created_at,
        opportunities.close_date as closes_at,
        coalesce(opportunities.is_closed, false) as is_closed,
        coalesce(opportunities.is_closed, false) and coalesce(opportunities.is_won, false) as is_won
    from opportunities
    left join accounts
        on opportunities.account_id = accounts.source_account_id
)

select * from final
