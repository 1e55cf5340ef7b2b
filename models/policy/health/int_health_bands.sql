{%- set up_to_now = "(partition by account_id, spell, band_order order by snapshot_date rows between unbounded preceding and current row)" -%}

with history as (
    select * from {{ ref('int_health_history') }}
),

results as (
    select * from {{ ref('int_health_results') }}
),

bands as (
    select * from {{ ref('int_bands') }}
    where band_set = 'health'
),

band_sets as (
    select * from {{ ref('band_sets') }}
    where band_set = 'health'
),

-- Only of accounts that this run works out; what they had before is kept in the history.
scored as (
    select
        history.account_id,
        history.snapshot_date,
        history.health_score,
        bands.band as plain_band,
        bands.valid_from as bands_since,
        coalesce(band_sets.hysteresis, 0) as hysteresis,
        coalesce(history.override_id, '') as override_id
    from history
    left join bands
        on
            {{ holds_on('bands', 'history.snapshot_date') }}
            and {{ in_band('history.health_score', 'bands') }}
    left join band_sets
        on {{ holds_on('band_sets', 'history.snapshot_date') }}
    where history.account_id in (select account_id from results)
),

-- A score that begins, an override that begins or ends, and new edges count at once.
begun as (
    select
        *,
        case
            when
                lag(health_score) over (partition by account_id order by snapshot_date) is null
                or lag(override_id) over (partition by account_id order by snapshot_date) <> override_id
                or lag(bands_since) over (partition by account_id order by snapshot_date) <> bands_since
                then 1
            else 0
        end as begins
    from scored
),

spells as (
    select
        *,
        sum(begins) over (partition by account_id order by snapshot_date rows between unbounded preceding and current row) as spell
    from begun
    where health_score is not null
),

-- Each edge is a level, reached once the score passed it by so much from below, lost once from above.
levels as (
    select
        spells.*,
        bands.band_order,
        case
            when spells.health_score >= bands.lower_bound + case when spells.begins = 1 then 0 else spells.hysteresis end
                then spells.snapshot_date
        end as rose_on,
        case
            when spells.health_score < bands.lower_bound - case when spells.begins = 1 then 0 else spells.hysteresis end
                then spells.snapshot_date
        end as fell_on
    from spells
    inner join bands
        on
            {{ holds_on('bands', 'spells.snapshot_date') }}
            and bands.band_order > 1
),

latched as (
    select
        *,
        max(rose_on) over {{ up_to_now }} as risen_on,
        max(fell_on) over {{ up_to_now }} as fallen_on
    from levels
),

held as (
    select
        account_id,
        snapshot_date,
        plain_band,
        max(case when risen_on is not null and (fallen_on is null or risen_on > fallen_on) then band_order else 1 end) as band_order
    from latched
    group by account_id, snapshot_date, plain_band
),

final as (
    select
        held.account_id,
        held.snapshot_date,
        held.plain_band,
        bands.band as health_band
    from held
    inner join results
        on held.account_id = results.account_id and held.snapshot_date = results.snapshot_date
    inner join bands
        on
            held.band_order = bands.band_order
            and {{ holds_on('bands', 'held.snapshot_date') }}
)

select * from final
