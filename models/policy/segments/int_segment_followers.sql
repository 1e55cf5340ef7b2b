with own as (
    select * from {{ ref('int_segments_own') }}
),

tops as (
    select * from {{ ref('int_account_tops') }}
),

schemes as (
    select * from {{ ref('segment_schemes') }}
),

segments as (
    select * from {{ ref('segments') }}
    where segment_rank is not null
),

-- Who has no rank (no customer, not known) neither follows nor is followed.
ranked as (
    select own.*
    from own
    inner join schemes
        on
            own.segment_scheme = schemes.segment_scheme
            and schemes.follows_parent
            and {{ holds_on('schemes', 'own.snapshot_date') }}
    inner join segments
        on
            own.segment_scheme = segments.segment_scheme
            and own.segment = segments.segment
            and {{ holds_on('segments', 'own.snapshot_date') }}
),

final as (
    select
        ranked.account_id,
        ranked.segment_scheme,
        ranked.snapshot_date,
        parents.segment,
        case when parents.segment <> ranked.candidate_segment then 'parent' end as held_by,
        'Follows its parent ' || parents.account_id || ': ' || parents.reason as reason
    from ranked
    inner join tops
        on
            ranked.account_id = tops.account_id
            and ranked.snapshot_date = tops.snapshot_date
    inner join ranked as parents
        on
            tops.top_account_id = parents.account_id
            and ranked.segment_scheme = parents.segment_scheme
            and ranked.snapshot_date = parents.snapshot_date
    where ranked.override_id is null
)

select * from final
