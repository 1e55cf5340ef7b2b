with starts as (
    select * from {{ ref('int_segment_starts') }}
),

lives as (
    select * from {{ ref('int_account_lives') }}
),

compared as (
    select
        *,
        lag(segment) over (partition by account_id, segment_scheme order by snapshot_date) as previous_segment,
        lead(snapshot_date) over (partition by account_id, segment_scheme order by snapshot_date) as next_start_on
    from starts
),

windows as (
    select
        compared.*,
        coalesce(compared.next_start_on, lives.died_on) as valid_to,
        max(case when compared.previous_segment is null or compared.previous_segment <> compared.segment then compared.snapshot_date end) over (
            partition by compared.account_id, compared.segment_scheme order by compared.snapshot_date
            rows between unbounded preceding and current row
        ) as segment_since
    from compared
    inner join lives
        on compared.account_id = lives.account_id
),

final as (
    select
        account_id,
        segment_scheme,
        snapshot_date as valid_from,
        case when valid_to <= {{ as_of_date() }} then valid_to end as valid_to,
        segment,
        segment_since,
        candidate_segment,
        held_by,
        candidate_rule_id,
        rule_id,
        reason,
        override_id,
        override_author,
        override_ends_on,
        policy_version
    from windows
)

select * from final
