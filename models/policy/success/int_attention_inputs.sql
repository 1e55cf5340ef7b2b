{{ config(materialized='view') }}

with attributes as (
    select * from {{ ref('int_policy_attributes') }}
),

activities as (
    select
        account_id,
        activity_type,
        {{ local_date('occurred_at') }} as occurred_on
    from {{ ref('activities') }}
    where account_id is not null and is_two_way
),

days as (
    select * from {{ ref('int_days') }}
),

-- A contact belongs to the first snapshot that sees it. The days since one, an attribute, are days of silence where there was none.
met as (
    select
        activities.account_id,
        days.first_snapshot_date as snapshot_date,
        max(activities.occurred_on) as touched_on,
        max(case when activities.activity_type = 'meeting' then activities.occurred_on end) as met_on
    from activities
    inner join days
        on activities.occurred_on = days.day
    group by activities.account_id, days.first_snapshot_date
),

starts as (
    select
        account_id,
        min(snapshot_date) as first_date
    from attributes
    group by account_id
),

-- What was held before the first snapshot of the account belongs to that one.
met_at as (
    select
        met.account_id,
        greatest(met.snapshot_date, starts.first_date) as snapshot_date,
        max(met.touched_on) as touched_on,
        max(met.met_on) as met_on
    from met
    inner join starts
        on met.account_id = starts.account_id
    group by met.account_id, greatest(met.snapshot_date, starts.first_date)
),

final as (
    select
        attributes.account_id,
        attributes.snapshot_date,
        max(met_at.touched_on) over (
            partition by attributes.account_id order by attributes.snapshot_date
            rows between unbounded preceding and current row
        ) as last_touch_on,
        max(met_at.met_on) over (
            partition by attributes.account_id order by attributes.snapshot_date
            rows between unbounded preceding and current row
        ) as last_review_on,
        {{ days_ago('attributes.snapshot_date', 'attributes.days_since_paid_again') }} as customer_since,
        attributes.decision_maker_is_known
    from attributes
    left join met_at
        on attributes.account_id = met_at.account_id and attributes.snapshot_date = met_at.snapshot_date
)

select * from final
