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

profiled as (
    select
        inputs.*,
        profiles.outcome as profile
    from inputs
    inner join profiles
        on inputs.account_id = profiles.account_id and inputs.snapshot_date = profiles.snapshot_date
    where profiles.outcome <> 'not_scored'
),

final as (
    {{ component_points('health', 'profiled', 'profiles', 'percentiles_of_the_day') }}
)

select * from final
