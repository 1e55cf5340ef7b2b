with profiles as (
    select * from {{ ref('int_health_profiles') }}
    where outcome <> 'not_scored'
),

inputs as (
    select * from {{ ref('int_health_profile_inputs') }}
),

customers as (
    select inputs.*
    from inputs
    inner join profiles
        on inputs.account_id = profiles.account_id and inputs.snapshot_date = profiles.snapshot_date
),

final as (
    {{ reached_limits('customers', 'profiles') }}
)

select * from final
