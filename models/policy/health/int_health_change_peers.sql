with pairs as (
    select * from {{ ref('int_health_change_pairs') }}
    where is_comparable
),

profile_inputs as (
    select * from {{ ref('int_health_profile_inputs') }}
),

percentiles_moved as (
    select * from {{ ref('int_peer_percentiles') }}
    where question = 'moved'
),

-- All that is known of the account is of the day; only its peers are those of the snapshot before.
known_now as (
    select
        pairs.account_id,
        pairs.snapshot_date,
        pairs.profile,
        {{ 'profile_inputs.' ~ number_attributes('profiles') | join(',\n        profile_inputs.') }}
    from pairs
    inner join profile_inputs
        on pairs.account_id = profile_inputs.account_id and pairs.snapshot_date = profile_inputs.snapshot_date
    where exists (
        select 1 from percentiles_moved
        where percentiles_moved.account_id = pairs.account_id and percentiles_moved.judged_on = pairs.snapshot_date
    )
),

final as (
    {{ component_points('health', 'known_now', 'profiles', 'percentiles_moved', only_among_peers=true) }}
)

select * from final
