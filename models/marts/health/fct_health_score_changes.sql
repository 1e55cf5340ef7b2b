{{
    config(
        materialized='incremental',
        incremental_strategy='rebuilds',
        unique_key=['account_id', 'driver', 'snapshot_date'],
        on_schema_change='append_new_columns',
        partition_by=snapshot_partition()
    )
}}

with pairs as (
    select * from {{ ref('int_health_change_pairs') }}
),

wholes as (
    select * from {{ ref('int_health_change_wholes') }}
),

data_parts as (
    select * from {{ ref('int_health_change_data') }}
    where change_part <> 0
),

parts as (
    select
        account_id,
        snapshot_date,
        cause as driver,
        cause,
        cast(null as {{ dbt.type_string() }}) as component,
        change_part,
        cast(null as decimal(18, 4)) as previous_value,
        cast(null as decimal(18, 4)) as raw_value,
        cast(null as decimal(7, 4)) as previous_points,
        cast(null as decimal(7, 4)) as points,
        cast(null as decimal(10, 9)) as weight,
        reason
    from wholes
    union all
    select
        account_id,
        snapshot_date,
        cause || ':' || component as driver,
        cause,
        component,
        change_part,
        value_before as previous_value,
        value_after as raw_value,
        points_before as previous_points,
        points_after as points,
        cast(effective_weight as decimal(10, 9)) as weight,
        case
            when cause = 'peers'
                then
                    'The peers of ' || component || ' moved, or are others: ' || {{ plain_number('points_before') }} || ' points became '
                    || {{ plain_number('points_after') }} || ' at ' || {{ plain_number('value_after') }} || '.'
            when value_before = value_after then component || ' stayed at ' || {{ plain_number('value_after') }} || ', by a curve that changes with age.'
            else component || ' went from ' || {{ plain_number('value_before') }} || ' to ' || {{ plain_number('value_after') }} || '.'
        end as reason
    from data_parts
),

final as (
    select
        parts.account_id,
        parts.snapshot_date,
        pairs.compared_with,
        parts.driver,
        parts.cause,
        parts.component,
        parts.change_part,
        parts.previous_value,
        parts.raw_value,
        parts.previous_points,
        parts.points,
        parts.weight,
        parts.reason,
        pairs.policy_version
    from parts
    inner join pairs
        on parts.account_id = pairs.account_id and parts.snapshot_date = pairs.snapshot_date
)

select * from final
