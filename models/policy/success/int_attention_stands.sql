with inputs as (
    select * from {{ ref('int_attention_inputs') }}
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

-- Nobody is late for what was not owed yet: neither before the segment, nor before its cadence, nor before the account was a customer. Who is
-- none is owed nothing, even where a pin keeps it in a segment.
placed as (
    select
        inputs.*,
        lives.source_system,
        assignments.segment,
        assignments.segment_since,
        case when inputs.customer_since is not null then cadences.touch_cadence_days end as touch_cadence_days,
        case when inputs.customer_since is not null then cadences.review_cadence_days end as review_cadence_days,
        greatest(assignments.segment_since, cadences.touch_cadence_since) as touch_owed_since,
        greatest(assignments.segment_since, cadences.review_cadence_since) as review_owed_since,
        greatest(inputs.last_touch_on, inputs.customer_since) as touch_counts_from,
        greatest(inputs.last_review_on, inputs.customer_since) as review_counts_from
    from inputs
    inner join lives
        on inputs.account_id = lives.account_id
    inner join assignments
        on
            inputs.account_id = assignments.account_id
            and {{ holds_on('assignments', 'inputs.snapshot_date') }}
    inner join cadences
        on
            assignments.segment = cadences.segment
            and {{ holds_on('cadences', 'inputs.snapshot_date') }}
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
