{{ config(enabled=system_is_on('stripe'), materialized='view') }}

with versions as (
    select
        id,
        canceled_at,
        coalesce(_fivetran_start, created, start_date) as version_from,
        lag(canceled_at) over (partition by id order by coalesce(_fivetran_start, created, start_date), loaded_at, row_hash) as canceled_at_before
    from {{ ref('stg_stripe__subscription_history') }}
    where rejected_reason is null
),

-- A request is made when a version first carries it and taken back when a later one no longer does.
turns as (
    select
        id,
        canceled_at,
        version_from,
        lead(version_from) over (partition by id order by version_from) as next_turn_from
    from versions
    where (canceled_at is null and canceled_at_before is not null) or (canceled_at is not null and canceled_at_before is null)
),

final as (
    select
        {{ source_key('stripe', 'id') }} as subscription_id,
        'stripe' as source_system,
        canceled_at as requested_at,
        case when next_turn_from > canceled_at then next_turn_from end as revoked_at
    from turns
    where canceled_at is not null
)

select * from final
