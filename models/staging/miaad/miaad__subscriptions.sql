{{ config(enabled=system_is_on('miaad'), materialized='view') }}

with trial_outcomes as (
    select * from {{ ref('miaad__trial_outcomes') }}
),

-- A trial that did not convert while it ran ends when its days are over: it never was a customer.
lapsed_trials as (
    select
        {{ source_key('miaad', 'subscription_id') }} as subscription_id,
        account_id,
        trial_started_at as started_at,
        trial_over_at as trial_ends_at,
        trial_over_at as ended_at
    from trial_outcomes
    where trial_outcome <> 'converted in trial'
),

converted_in_trial as (
    select
        {{ source_key('miaad', 'subscription_id') }} as subscription_id,
        account_id,
        trial_started_at as started_at,
        converted_at as trial_ends_at,
        cancelled_at as ended_at
    from trial_outcomes
    where trial_outcome = 'converted in trial'
),

-- Who converts after the trial had run out begins anew. As one subscription with a long trial, the days in between would look
-- like a trial still running, which only somebody who knows of the later conversion can say.
converted_late as (
    select
        {{ source_key('miaad', 'subscription_id') }} || ':paid' as subscription_id,
        account_id,
        converted_at as started_at,
        cast(null as {{ dbt.type_timestamp() }}) as trial_ends_at,
        cancelled_at as ended_at
    from trial_outcomes
    where trial_outcome = 'converted late'
),

unioned as (
    select * from lapsed_trials
    union all
    select * from converted_in_trial
    union all
    select * from converted_late
),

final as (
    select
        subscription_id,
        'miaad' as source_system,
        {{ source_key('miaad', 'account_id') }} as customer_id,
        started_at,
        trial_ends_at,
        cast(null as {{ dbt.type_timestamp() }}) as paid_from,
        ended_at
    from unioned
)

select * from final
