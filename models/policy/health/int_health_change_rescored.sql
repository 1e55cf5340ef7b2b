with pairs as (
    select * from {{ ref('int_health_change_pairs') }}
    where has_new_policy or has_new_profile
),

profile_inputs as (
    select * from {{ ref('int_health_profile_inputs') }}
),

-- Among the peers of the snapshot before, by the policy of the day.
percentiles_before as (
    select * from {{ ref('int_peer_percentiles') }}
    where question = 'before'
),

-- The configuration in two steps: the policy of the day with the profile of before, then the profile of the day too.
steps as (
    select
        account_id,
        snapshot_date,
        compared_with,
        previous_profile as profile
    from pairs
    where has_new_policy
    union
    select
        account_id,
        snapshot_date,
        compared_with,
        profile
    from pairs
),

-- What was known on the snapshot before, dated on the day, so that the policy of the day reads it.
known_before as (
    select
        steps.account_id,
        steps.snapshot_date,
        steps.profile,
        {{ 'profile_inputs.' ~ number_attributes('profiles') | join(',\n        profile_inputs.') }}
    from steps
    inner join profile_inputs
        on steps.account_id = profile_inputs.account_id and steps.compared_with = profile_inputs.snapshot_date
),

final as (
    {{ component_points('health', 'known_before', 'profiles', 'percentiles_before') }}
)

select * from final
