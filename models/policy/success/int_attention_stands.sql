with attributes as (
    select * from {{ ref('int_policy_attributes') }}
),

assignments as (
    select * from {{ ref('fct_segment_assignments') }}
    where segment_scheme = 'touch_model'
),

lives as (
    select * from {{ ref('int_account_lives') }}
),

cadences as (
    select * from {{ ref('int_segment_cadences') }}
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

seen as (
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
),

-- Nobody is late for what was not owed yet: neither before the segment, nor before its cadence, nor before the account was a customer. Who is
-- none is owed nothing, even where a pin keeps it in a segment.
placed as (
    select
        seen.*,
        lives.source_system,
        assignments.segment,
        assignments.segment_since,
        case when seen.customer_since is not null then cadences.touch_cadence_days end as touch_cadence_days,
        case when seen.customer_since is not null then cadences.review_cadence_days end as review_cadence_days,
        greatest(assignments.segment_since, cadences.touch_cadence_since) as touch_owed_since,
        greatest(assignments.segment_since, cadences.review_cadence_since) as review_owed_since,
        greatest(seen.last_touch_on, seen.customer_since) as touch_counts_from,
        greatest(seen.last_review_on, seen.customer_since) as review_counts_from
    from seen
    inner join lives
        on seen.account_id = lives.account_id
    inner join assignments
        on
            seen.account_id = assignments.account_id
            and {{ holds_on('assignments', 'seen.snapshot_date') }}
    inner join cadences
        on
            assignments.segment = cadences.segment
            and {{ holds_on('cadences', 'seen.snapshot_date') }}
),

-- Where nobody tells of the contacts of an account nobody knows what is late: not known is neither on time nor late.
told as (
    select
        *,
        {{ is_filled_by('activities', 'source_system') }} or last_touch_on is not null as contacts_are_told
    from placed
),

final as (
    select
        account_id,
        snapshot_date,
        segment,
        segment_since,
        touch_cadence_days,
        review_cadence_days,
        last_touch_on,
        last_review_on,
        customer_since,
        decision_maker_is_known,
        contacts_are_told,
        touch_counts_from,
        review_counts_from,
        case when contacts_are_told then {{ owed_on('touch_counts_from', 'touch_cadence_days', 'touch_owed_since') }} end as touch_owed_on,
        case when contacts_are_told then {{ owed_on('review_counts_from', 'review_cadence_days', 'review_owed_since') }} end as review_owed_on
    from told
)

select * from final
