with survival as (
    select * from {{ ref('int_stage_survival') }}
),

stages as (
    select * from {{ ref('stages') }}
),

parameters as (
    select * from {{ ref('parameters') }}
    where parameter = 'stall_minimum_exits'
),

versions as (
    select * from {{ ref('policy_versions') }}
),

totals as (
    select
        survival.observed_on,
        survival.stage,
        survival.segment,
        stages.stall_after_days,
        stages.stall_percentile,
        parameters.parameter_value as minimum_exits,
        sum(survival.visits) as visits,
        sum(survival.exits) as exits,
        min(case when survival.exits > 0 and survival.survival <= 0.5 then survival.days end) as median_days,
        min(case when survival.exits > 0 and survival.survival <= 1 - stages.stall_percentile then survival.days end) as percentile_days
    from survival
    inner join stages
        on
            survival.stage = stages.stage
            and {{ holds_on('stages', 'survival.observed_on') }}
    inner join parameters
        on {{ holds_on('parameters', 'survival.observed_on') }}
    group by survival.observed_on, survival.stage, survival.segment, stages.stall_after_days, stages.stall_percentile, parameters.parameter_value
),

judged as (
    select
        *,
        case
            when stall_percentile is not null and exits >= minimum_exits and percentile_days is not null then 'percentile'
            when stall_after_days is not null then 'policy'
            else 'none'
        end as stall_basis
    from totals
),

final as (
    select
        judged.observed_on,
        judged.stage,
        judged.segment,
        cast(judged.visits as integer) as visits,
        cast(judged.exits as integer) as exits,
        cast(judged.median_days as integer) as median_days,
        judged.stall_percentile,
        cast(judged.percentile_days as integer) as percentile_days,
        cast(case judged.stall_basis when 'percentile' then judged.percentile_days when 'policy' then judged.stall_after_days end as integer) as stall_limit_days,
        judged.stall_basis,
        versions.policy_version
    from judged
    left join versions
        on {{ holds_on('versions', 'judged.observed_on') }}
)

select * from final
