with overrides as (
    select * from {{ ref('int_health_overrides') }}
),

results as (
    select * from {{ ref('int_health_history') }}
),

spells as (
    select * from {{ ref('int_account_paid_spells') }}
),

lives as (
    select * from {{ ref('int_account_lives') }}
),

parameters as (
    select * from {{ ref('parameters') }}
),

bands as (
    select * from {{ ref('int_bands') }}
    where band_set = 'health'
),

days_to_wait as (
    select cast(sum(parameter_value) as integer) as days
    from parameters
    where
        parameter in ('validation_lead_days', 'validation_horizon_days')
        and {{ holds_on('parameters', as_of_date()) }}
),

-- What the components said when it was first shown, and last.
held as (
    select
        override_id,
        min(snapshot_date) as first_shown_on,
        max(snapshot_date) as last_shown_on
    from results
    where override_id is not null
    group by override_id
),

churned as (
    select
        overrides.override_id,
        min(spells.churned_on) as churned_on
    from overrides
    cross join days_to_wait
    inner join spells
        on
            overrides.account_id = spells.account_id
            and overrides.starts_on <= spells.churned_on
            and spells.churned_on <= {{ add_days('overrides.ends_on', 'days_to_wait.days') }}
            and spells.churned_on <= {{ as_of_date() }}
            and (spells.resumed_on is null or spells.resumed_on > {{ as_of_date() }})
    group by overrides.override_id
),

joined as (
    select
        overrides.*,
        held.first_shown_on,
        held.last_shown_on,
        first_results.computed_score as computed_at_first,
        bands.band as computed_band_at_first,
        last_results.computed_score as computed_at_last,
        churned.churned_on,
        case when lives.died_on <= {{ as_of_date() }} then lives.died_on end as died_on,
        {{ add_days('overrides.ends_on', 'days_to_wait.days') }} as judged_on
    from overrides
    cross join days_to_wait
    left join held
        on overrides.override_id = held.override_id
    left join results as first_results
        on overrides.account_id = first_results.account_id and held.first_shown_on = first_results.snapshot_date
    left join bands
        on
            {{ holds_on('bands', 'held.first_shown_on') }}
            and {{ in_band('first_results.computed_score', 'bands') }}
    left join results as last_results
        on overrides.account_id = last_results.account_id and held.last_shown_on = last_results.snapshot_date
    left join churned
        on overrides.override_id = churned.override_id
    left join lives
        on overrides.account_id = lives.account_id
),

-- What is still to be shown can be judged one day. Who set the band in which the score lay said nothing else: the middle of a band is nobody's.
-- Of an account that was merged or deleted before it is judged nobody can say whether it would have stayed.
final as (
    select
        override_id,
        account_id,
        health_score as override_score,
        health_band as override_band,
        author as override_author,
        reason,
        starts_on,
        ends_on,
        {{ override_status() }} as override_status,
        first_shown_on,
        computed_at_first,
        last_shown_on,
        computed_at_last,
        churned_on,
        judged_on,
        case
            when first_shown_on is null and died_on is null and {{ as_of_date() }} < ends_on then 'open'
            when computed_at_first is null or health_score = computed_at_first or health_band = computed_band_at_first then 'cannot_tell'
            when churned_on is not null and health_score < computed_at_first then 'right'
            when churned_on is not null then 'wrong'
            when died_on <= judged_on then 'cannot_tell'
            when {{ as_of_date() }} < judged_on then 'open'
            when health_score > computed_at_first then 'right'
            else 'wrong'
        end as verdict,
        policy_version
    from joined
)

select * from final
