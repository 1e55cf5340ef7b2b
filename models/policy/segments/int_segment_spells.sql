with candidates as (
    select * from {{ ref('int_segment_candidates') }}
),

-- Under a second name: DuckDB stores a CTE that is used twice.
outcomes as (
    select account_id, segment_scheme, outcome from {{ ref('int_segment_candidates') }}
),

snapshots as (
    select * from {{ ref('int_snapshots') }}
),

schemes as (
    select * from {{ ref('segment_schemes') }}
),

segments as (
    select * from {{ ref('segments') }}
),

stability as (
    select * from {{ ref('segment_stability') }}
),

margins as (
    select * from {{ ref('int_segment_margins') }}
),

-- Everything by which a scheme decides.
policy_rows as (
    select segment_scheme, valid_from, valid_to from schemes
    union
    select segment_scheme, valid_from, valid_to from segments
    union
    select segment_scheme, valid_from, valid_to from stability
    union
    select segment_scheme, valid_from, valid_to from {{ ref('segment_margins') }}
    union
    select schemes.segment_scheme, rules.valid_from, rules.valid_to
    from schemes
    inner join {{ ref('rules') }} as rules
        on schemes.rule_set = rules.rule_set
    union
    select schemes.segment_scheme, conditions.valid_from, conditions.valid_to
    from schemes
    inner join {{ ref('rule_conditions') }} as conditions
        on schemes.rule_set = conditions.rule_set
),

-- What the policy changes takes effect at once: a row that ends without a successor changes as much as one that begins.
policy_days as (
    select segment_scheme, valid_from as changed_on from policy_rows
    union
    select segment_scheme, valid_to as changed_on from policy_rows
    where valid_to is not null
),

policies as (
    select
        snapshots.snapshot_date,
        policy_days.segment_scheme,
        max(policy_days.changed_on) as policy_from
    from snapshots
    inner join policy_days
        on policy_days.changed_on <= snapshots.snapshot_date
    group by snapshots.snapshot_date, policy_days.segment_scheme
),

-- Most accounts never change: what never had two ranks is left out before anything is put in order.
wavering as (
    select
        outcomes.account_id,
        outcomes.segment_scheme
    from outcomes
    inner join segments
        on outcomes.segment_scheme = segments.segment_scheme and outcomes.outcome = segments.segment
    group by outcomes.account_id, outcomes.segment_scheme
    having min(segments.segment_rank) < max(segments.segment_rank)
),

ranked as (
    select
        candidates.account_id,
        candidates.segment_scheme,
        candidates.snapshot_date,
        segments.segment_rank,
        policies.policy_from,
        lag(segments.segment_rank) over (partition by candidates.account_id, candidates.segment_scheme order by candidates.snapshot_date) as rank_before,
        lag(policies.policy_from) over (partition by candidates.account_id, candidates.segment_scheme order by candidates.snapshot_date) as policy_before
    from candidates
    inner join wavering
        on candidates.account_id = wavering.account_id and candidates.segment_scheme = wavering.segment_scheme
    inner join policies
        on candidates.segment_scheme = policies.segment_scheme and candidates.snapshot_date = policies.snapshot_date
    left join segments
        on
            candidates.segment_scheme = segments.segment_scheme
            and candidates.outcome = segments.segment
            and {{ holds_on('segments', 'candidates.snapshot_date') }}
),

-- A spell goes on from ranked segment to ranked segment under one policy.
numbered as (
    select
        *,
        {{ running_sum('case when rank_before is not null and policy_from = policy_before then 0 else 1 end', 'account_id, segment_scheme', 'snapshot_date') }} as spell
    from ranked
),

compared as (
    select
        *,
        row_number() over (partition by account_id, segment_scheme, spell order by snapshot_date) as place,
        min(segment_rank) over (partition by account_id, segment_scheme, spell) as lowest_rank,
        max(segment_rank) over (partition by account_id, segment_scheme, spell) as highest_rank
    from numbered
    where segment_rank is not null
),

final as (
    select
        compared.account_id,
        compared.segment_scheme,
        compared.spell,
        compared.place,
        compared.snapshot_date,
        compared.segment_rank,
        compared.lowest_rank,
        compared.highest_rank,
        least(compared.segment_rank, coalesce(margins.least_rank, compared.segment_rank)) as least_rank,
        greatest(compared.segment_rank, coalesce(margins.most_rank, compared.segment_rank)) as most_rank,
        coalesce(stability.confirmed_by, 'snapshots') as confirmed_by,
        coalesce(stability.confirm_up_snapshots, 1) as confirm_up_snapshots,
        coalesce(stability.confirm_down_snapshots, 1) as confirm_down_snapshots,
        coalesce(stability.minimum_tenure_days, 0) as minimum_tenure_days,
        {{ effect_period('stability.takes_effect', 'compared.snapshot_date') }} as effect_period
    from compared
    left join stability
        on
            compared.segment_scheme = stability.segment_scheme
            and {{ holds_on('stability', 'compared.snapshot_date') }}
    left join margins
        on
            compared.account_id = margins.account_id
            and compared.segment_scheme = margins.segment_scheme
            and compared.snapshot_date = margins.snapshot_date
    where compared.lowest_rank < compared.highest_rank
)

select * from final
