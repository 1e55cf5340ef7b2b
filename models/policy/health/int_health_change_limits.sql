with pairs as (
    select * from {{ ref('int_health_change_pairs') }}
    where has_new_policy or has_new_profile
),

inputs as (
    select * from {{ ref('int_health_profile_inputs') }}
),

-- What was known on the snapshot before, dated on the day, so that the hard rules of the day read it.
known_before as (
    select
        pairs.account_id,
        pairs.snapshot_date,
        {{ 'inputs.' ~ number_attributes('profiles') | join(',\n        inputs.') }}
    from pairs
    inner join inputs
        on pairs.account_id = inputs.account_id and pairs.compared_with = inputs.snapshot_date
),

final as (
    {{ reached_limits('known_before', 'profiles') }}
)

select * from final
