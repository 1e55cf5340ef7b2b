{{
    config(
        materialized='incremental',
        incremental_strategy='rebuilds',
        unique_key=['account_id', 'snapshot_date'],
        on_schema_change='append_new_columns',
        partition_by=snapshot_partition()
    )
}}

with risks as (
    select * from {{ ref('int_churn_risks') }}
),

versions as (
    select * from {{ ref('policy_versions') }}
),

final as (
    select
        risks.account_id,
        risks.snapshot_date,
        risks.is_current,
        risks.churn_probability,
        risks.risk_status,
        risks.lead_days,
        risks.horizon_days,
        risks.risk_model,
        risks.fitted_until,
        risks.coverage,
        versions.policy_version
    from risks
    left join versions
        on {{ holds_on('versions', 'risks.snapshot_date') }}
)

select * from final
