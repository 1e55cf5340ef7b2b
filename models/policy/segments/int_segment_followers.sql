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

-- One key, for a join on the scheme and the date alone, which an engine may try first, would pair every account with every other.
parents as (
    select
        *,
        {{ dbt.concat(['account_id', "'|'", 'segment_scheme', "'|'", 'cast(snapshot_date as ' ~ dbt.type_string() ~ ')']) }} as parent_key
    from ranked
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
    inner join parents
        on {{ dbt.concat(['tops.top_account_id', "'|'", 'ranked.segment_scheme', "'|'", 'cast(ranked.snapshot_date as ' ~ dbt.type_string() ~ ')']) }} = parents.parent_key
    where ranked.override_id is null
)

select * from final
