{{ config(enabled=system_is_on('segment'), materialized='view') }}

with calls as (
    select
        *,
        row_number() over (
            partition by group_id, case when salesforce_account_id is null then 0 else 1 end order by occurred_at, {{ binary_order('id') }}
        ) as reference_rank,
        row_number() over (
            partition by group_id, case when name is null then 0 else 1 end order by occurred_at, {{ binary_order('id') }}
        ) as name_rank,
        row_number() over (
            partition by group_id, case when domain is null then 0 else 1 end order by occurred_at, {{ binary_order('id') }}
        ) as domain_rank
    from {{ ref('stg_segment__groups') }}
    where rejected_reason is null
),

-- What the earliest call that says it says, and from that call on: a later call must not change what was known before it.
described as (
    select
        group_id,
        max(case when reference_rank = 1 then salesforce_account_id end) as salesforce_account_id,
        max(case when reference_rank = 1 and salesforce_account_id is not null then occurred_at end) as reference_since,
        max(case when name_rank = 1 then name end) as workspace_name,
        max(case when name_rank = 1 and name is not null then occurred_at end) as workspace_name_since,
        max(case when domain_rank = 1 then domain end) as domain,
        max(case when domain_rank = 1 and domain is not null then occurred_at end) as domain_since,
        max(case when group_id like '001%' and length(group_id) in (15, 18) then group_id end) as group_account_id,
        min(occurred_at) as created_at
    from calls
    group by group_id
),

-- A group id that looks like a Salesforce account id is one, and is known since its first call.
final as (
    select
        {{ source_key('segment', 'group_id') }} as workspace_id,
        'segment' as source_system,
        coalesce(group_account_id, salesforce_account_id) as account_reference,
        case when group_account_id is null then reference_since else created_at end as account_reference_since,
        workspace_name,
        workspace_name_since,
        {{ domain_of_url('domain') }} as domain,
        domain_since,
        created_at
    from described
)

select * from final
