{{ config(enabled=system_is_on('stripe'), materialized='view') }}

with versions as (
    select
        *,
        coalesce(start_date, created) as started_at,
        row_number() over (
            partition by id
            order by case when _fivetran_start is null then 1 else 0 end, _fivetran_start desc, loaded_at desc, row_hash
        ) as versions_to_the_end
    from {{ ref('stg_stripe__subscription_history') }}
    where rejected_reason is null
),

-- Where a cancelled subscription does not say when it ended: the first version that knows it as cancelled.
cancelled as (
    select
        id,
        min(_fivetran_start) as known_cancelled_at
    from versions
    where status = 'canceled'
    group by id
),

latest as (
    select * from versions
    where versions_to_the_end = 1
),

-- A first bill that was never paid makes no subscription: it ends as it starts.
dated as (
    select
        latest.*,
        case
            when latest.status in ('incomplete', 'incomplete_expired') then latest.started_at
            when latest.status = 'canceled'
                then coalesce(latest.ended_at, cancelled.known_cancelled_at, latest.canceled_at, latest.current_period_end)
            else latest.ended_at
        end as last_moment
    from latest
    left join cancelled
        on latest.id = cancelled.id
),

final as (
    select
        {{ source_key('stripe', 'id') }} as subscription_id,
        'stripe' as source_system,
        {{ source_key('stripe', 'customer_id') }} as customer_id,
        started_at,
        case when trial_end > started_at then trial_end end as trial_ends_at,
        case when last_moment < started_at then started_at else last_moment end as ended_at
    from dated
)

select * from final
