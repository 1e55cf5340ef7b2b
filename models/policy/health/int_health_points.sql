with profiles as (
    select * from {{ ref('int_health_profiles') }}
),

inputs as (
    select * from {{ ref('int_health_profile_inputs') }}
),

percentiles_of_the_day as (
    select * from {{ ref('int_peer_percentiles') }}
    where question = 'now'
),

-- Worked out before anything else is joined: an engine that may choose the order of joins pairs all inputs with all components first, and by a
-- close guess keeps all pairs to look them up.
profiled as {{ worked_out_first() }} (
    select
        inputs.*,
        profiles.outcome as profile
    from profiles
    inner join inputs
        on profiles.account_id = inputs.account_id and profiles.snapshot_date = inputs.snapshot_date
    where profiles.outcome <> 'not_scored'
),

final as (
    {{ component_points('health', 'profiled', 'profiles', 'percentiles_of_the_day') }}
)

select * from final
