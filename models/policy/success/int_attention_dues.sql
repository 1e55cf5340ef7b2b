with stands as (
    select * from {{ ref('int_attention_stands') }}
),

compared as (
    select
        *,
        lag(touch_counts_from) over (partition by account_id order by snapshot_date) as touch_counted_before,
        lag(review_counts_from) over (partition by account_id order by snapshot_date) as review_counted_before,
        lag(touch_owed_on <= snapshot_date) over (partition by account_id order by snapshot_date) as touch_was_owed,
        lag(review_owed_on <= snapshot_date) over (partition by account_id order by snapshot_date) as review_was_owed
    from stands
),

-- What was late before a change of segment is late still.
stretches as (
    select
        *,
        {{ late_stretch('touch') }} as touch_stretch,
        {{ late_stretch('review') }} as review_stretch
    from compared
),

final as (
    select
        account_id,
        snapshot_date,
        segment,
        touch_cadence_days,
        review_cadence_days,
        last_touch_on,
        last_review_on,
        customer_since,
        decision_maker_is_known,
        contacts_are_told,
        {{ late_since('touch') }} as touch_due_on,
        {{ late_since('review') }} as review_due_on
    from stretches
)

select * from final
