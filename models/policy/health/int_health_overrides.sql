with overrides as (
    select * from {{ ref('health_overrides') }}
),

bands as (
    select * from {{ ref('int_bands') }}
    where band_set = 'health'
),

-- A band stands for its middle, as its edges lay when the override began.
final as (
    select
        overrides.override_id,
        overrides.account_id,
        cast(coalesce(overrides.health_score, {{ divide_exact('bands.lower_bound + bands.upper_bound', '2', 2) }}) as decimal(5, 2)) as health_score,
        overrides.health_band,
        overrides.author,
        overrides.reason,
        overrides.starts_on,
        overrides.ends_on,
        overrides.policy_version
    from overrides
    left join bands
        on
            overrides.health_band = bands.band
            and {{ holds_on('bands', 'overrides.starts_on') }}
)

select * from final
