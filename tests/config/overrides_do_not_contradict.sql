-- Asserts: overrides end after they start, and no account has two overrides of the same thing on the same day.
-- Matters: two at once give an account two segments or two scores on one day, and break law 1.
-- Resolve: in segment_overrides.csv or health_overrides.csv, end one before the other starts (ends_on is exclusive), or delete it.
with segment_overrides as (
    select * from {{ ref('segment_overrides') }}
),

health_overrides as (
    select * from {{ ref('health_overrides') }}
),

overrides as (
    select
        segment_scheme as overridden,
        account_id,
        override_id,
        starts_on,
        ends_on
    from segment_overrides
    union all
    select
        'health_score' as overridden,
        account_id,
        override_id,
        starts_on,
        ends_on
    from health_overrides
),

followed as (
    select
        *,
        lead(starts_on) over (partition by overridden, account_id order by starts_on, override_id) as next_starts_on
    from overrides
),

final as (
    select * from followed
    where
        ends_on is null
        or ends_on <= starts_on
        or next_starts_on < ends_on
)

select * from final
