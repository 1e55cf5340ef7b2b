{{ config(enabled=system_is_on('ravenstack'), materialized='view') }}

with subscriptions as (
    select * from {{ ref('stg_ravenstack__subscriptions') }}
    where rejected_reason is null
),

final as (
    select
        {{ source_key('ravenstack', 'subscription_id') }} as subscription_id,
        'ravenstack' as source_system,
        {{ source_key('ravenstack', 'account_id') }} as customer_id,
        started_at,
        -- A trial here never turns into a paid subscription of the same id. While it runs its end is not known: far away.
        case when is_trial then coalesce(ended_at, cast('9999-12-31' as {{ dbt.type_timestamp() }})) end as trial_ends_at,
        cast(null as {{ dbt.type_timestamp() }}) as paid_from,
        ended_at
    from subscriptions
)

select * from final
