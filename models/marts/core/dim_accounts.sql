with accounts as (
    select * from {{ ref('int_account_snapshots') }}
    where is_current
),

lives as (
    select * from {{ ref('int_account_lives') }}
),

inputs as (
    select * from {{ ref('int_segment_inputs') }}
    where is_current
),

assignments as (
    select * from {{ ref('fct_segment_assignments') }}
    where segment_scheme = 'touch_model' and valid_to is null
),

ranked_segments as (
    select
        *,
        max(segment_rank) over (partition by segment_scheme) as highest_rank
    from {{ ref('dim_segments') }}
),

-- Who is in the highest segment of the scheme sophistication has graduated.
graduates as (
    select
        skills.account_id,
        skills.segment_since as graduated_on
    from {{ ref('fct_segment_assignments') }} as skills
    inner join ranked_segments
        on
            skills.segment_scheme = ranked_segments.segment_scheme
            and skills.segment = ranked_segments.segment
            and ranked_segments.segment_rank = ranked_segments.highest_rank
    where skills.segment_scheme = 'sophistication' and skills.valid_to is null
),

scores as (
    select * from {{ ref('fct_health_scores') }}
    where is_current
),

stages as (
    select * from {{ ref('fct_journey_stages') }}
    where exited_on is null
),

csm_assignments as (
    select
        account_id,
        csm_user_id,
        {{ local_date('valid_from') }} as valid_from,
        {{ local_date('valid_to') }} as valid_to
    from {{ ref('csm_assignments') }}
),

matches as (
    select * from {{ ref('fct_account_matches') }}
    where match_status = 'matched'
),

ids as (
    select
        account_id,
        {{ dbt.listagg("case when entity_type = 'billing_customer' then entity_id end", "', '", "order by " ~ binary_order("entity_id")) }} as billing_customer_ids,
        {{ dbt.listagg("case when entity_type = 'workspace' then entity_id end", "', '", "order by " ~ binary_order("entity_id")) }} as workspace_ids,
        {{ dbt.listagg("case when entity_type = 'support_organization' then entity_id end", "', '", "order by " ~ binary_order("entity_id")) }} as support_organization_ids
    from matches
    group by account_id
),

final as (
    select
        accounts.account_id,
        accounts.account_name,
        lives.source_system,
        lives.source_account_id,
        accounts.parent_account_id,
        accounts.owner_user_id,
        csm_assignments.csm_user_id,
        accounts.industry,
        accounts.country,
        accounts.employees,
        accounts.brand,
        accounts.born_on as created_on,
        inputs.is_customer = 1 as is_customer,
        cast(inputs.mrr as decimal(18, 4)) as mrr,
        inputs.seats,
        inputs.plan_name,
        inputs.is_legacy_plan = 1 as is_legacy_plan,
        {{ add_days('accounts.snapshot_date', 'cast(inputs.days_to_renewal as integer)') }} as renews_on,
        inputs.value_band,
        inputs.sophistication,
        assignments.segment,
        assignments.segment_since,
        graduates.graduated_on,
        stages.stage,
        stages.entered_on as stage_entered_on,
        scores.health_score,
        scores.health_band,
        scores.health_trend,
        scores.score_status,
        scores.coverage as health_coverage,
        ids.billing_customer_ids,
        ids.workspace_ids,
        ids.support_organization_ids,
        scores.policy_version,
        accounts.snapshot_date as as_of_date
    from accounts
    inner join lives
        on accounts.account_id = lives.account_id
    inner join inputs
        on accounts.account_id = inputs.account_id
    left join assignments
        on accounts.account_id = assignments.account_id
    left join graduates
        on accounts.account_id = graduates.account_id
    left join scores
        on accounts.account_id = scores.account_id
    left join stages
        on accounts.account_id = stages.account_id
    left join csm_assignments
        on
            accounts.account_id = csm_assignments.account_id
            and {{ holds_on('csm_assignments', 'accounts.snapshot_date') }}
    left join ids
        on accounts.account_id = ids.account_id
)

select * from final
