with subscriptions as (
    select * from {{ ref('subscriptions') }}
),

final as (
    select
        subscription_id,
        customer_id,
        {{ local_date('started_at') }} as started_on,
        case when trial_ends_at is not null then {{ local_date('started_at') }} end as trial_from,
        {{ local_date('trial_ends_at') }} as trial_until,
        {{ local_date('coalesce(paid_from, trial_ends_at, started_at)') }} as paid_from,
        {{ local_date('ended_at') }} as ended_on
    from subscriptions
)

select * from final
