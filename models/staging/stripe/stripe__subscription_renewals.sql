{{ config(enabled=system_is_on('stripe'), materialized='view') }}

-- A version is known since it holds, and a period not before it begins. A row without history does not say since when.
with versions as (
    select
        id,
        _fivetran_start,
        greatest(_fivetran_start, current_period_start) as known_from,
        current_period_end,
        lag(current_period_end) over (partition by id order by _fivetran_start) as period_end_before
    from {{ ref('stg_stripe__subscription_history') }}
    where rejected_reason is null and _fivetran_start is not null
),

-- Versions that differ in something else say the same.
turns as (
    select
        id,
        current_period_end,
        known_from,
        lead(known_from) over (partition by id order by _fivetran_start) as next_known_from
    from versions
    where current_period_end is distinct from period_end_before
),

final as (
    select
        {{ source_key('stripe', 'id') }} as subscription_id,
        'stripe' as source_system,
        known_from as valid_from,
        least(next_known_from, current_period_end) as valid_to,
        current_period_end as renews_at
    from turns
    where current_period_end is not null and known_from < least(next_known_from, current_period_end)
)

select * from final
