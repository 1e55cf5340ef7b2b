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

-- What a version does not say of itself: since when it was known as cancelled, as paused after its trial, and as paid for.
known as (
    select
        id,
        min(case when status = 'canceled' then _fivetran_start end) as cancelled_at,
        min(case when status = 'paused' then coalesce(_fivetran_start, trial_end, started_at) end) as paused_at,
        min(case when status in ('active', 'past_due', 'unpaid') then coalesce(_fivetran_start, started_at) end) as paid_at
    from versions
    group by id
),

latest as (
    select * from versions
    where versions_to_the_end = 1
),

-- A trial put into a running subscription moves its next bill: it must not undo what was paid before. Only the one it began with comes first; what was said of that last holds.
first_trials as (
    select
        id,
        trial_end,
        row_number() over (partition by id order by versions_to_the_end) as trials_to_the_last
    from versions
    where trial_end is not null and coalesce(trial_start, started_at) <= {{ dbt.dateadd('day', 1, 'started_at') }}
),

-- A first bill that was never paid makes no subscription: it ends as it starts. A trial without a means of payment is paused: unless it goes on, that was its end.
-- If it does, the time in between was neither trial nor paid for, and nobody knew then that it would go on.
dated as (
    select
        latest.id,
        latest.customer_id,
        latest.started_at,
        first_trials.trial_end,
        case when known.paused_at < known.paid_at then greatest(first_trials.trial_end, known.paid_at) end as paid_from,
        case
            when latest.status in ('incomplete', 'incomplete_expired') then latest.started_at
            when known.paused_at is not null and known.paid_at is null then coalesce(first_trials.trial_end, known.paused_at)
            when latest.status = 'paused' then known.paused_at
            when latest.status = 'canceled'
                then coalesce(latest.ended_at, known.cancelled_at, latest.canceled_at, latest.current_period_end)
            else latest.ended_at
        end as last_moment
    from latest
    inner join known
        on latest.id = known.id
    left join first_trials
        on
            latest.id = first_trials.id
            and first_trials.trials_to_the_last = 1
),

final as (
    select
        {{ source_key('stripe', 'id') }} as subscription_id,
        'stripe' as source_system,
        {{ source_key('stripe', 'customer_id') }} as customer_id,
        started_at,
        case when trial_end > started_at then trial_end end as trial_ends_at,
        paid_from,
        case when last_moment < started_at then started_at else last_moment end as ended_at
    from dated
)

select * from final
