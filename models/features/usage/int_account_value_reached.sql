{{ config(materialized='incremental', incremental_strategy='rebuilds', unique_key=['account_id', 'snapshot_date'], partition_by=snapshot_partition()) }}

with usage as (
    select * from {{ ref('int_account_usage') }}
),

revenue as (
    select * from {{ ref('int_account_revenue') }}
),

parameters as (
    select * from {{ ref('parameters') }}
),

-- Licences in use where both are known, else a core feature used: never both, so that the meaning does not drift. Where nobody tells of core features
-- either, nobody can tell.
judged as (
    select
        usage.account_id,
        usage.snapshot_date,
        usage.unknown_before,
        revenue.is_customer,
        case
            when revenue.is_customer = 0 then 0
            when revenue.seats > 0 and usage.active_users_28d is not null
                then case when usage.active_users_28d >= parameters.parameter_value * revenue.seats then 1 else 0 end
            when usage.core_actions_28d > 0 then 1
            when usage.core_actions_28d is not null then 0
        end as has_value
    from usage
    inner join revenue
        on usage.account_id = revenue.account_id and usage.snapshot_date = revenue.snapshot_date
    inner join parameters
        on
            parameters.parameter = 'first_value_seat_share'
            and {{ holds_on('parameters', 'usage.snapshot_date') }}
),

-- As long as not all of the 28 days are known, what was found is certain, and what was not found is not.
final as (
    select
        account_id,
        snapshot_date,
        case
            when has_value = 0 and is_customer = 1 and {{ days_between('unknown_before', 'snapshot_date') }} < 27 then null
            else has_value
        end as has_value
    from judged
)

select * from final
