-- Asserts: at each version the bands of a set, numbered 1, 2, 3 from the lowest, cover its scale without gap or overlap and are
--   all of one version.
-- Matters: a value in a gap gets no band, a value in an overlap two rows; a well-known logo is lifted by counting bands.
-- Resolve: in bands.csv, begin each band where the one below ends, the first and last at the ends given in band_sets.csv; when
--   one band changes, end all of its set and write all anew.
with versions as (
    select * from {{ ref('policy_versions') }}
),

band_sets as (
    select * from {{ ref('band_sets') }}
),

bands as (
    select * from {{ ref('bands') }}
),

in_force as (
    select
        versions.policy_version,
        band_sets.band_set,
        band_sets.scale_lower,
        band_sets.scale_upper,
        bands.band,
        bands.band_order,
        bands.lower_bound,
        bands.upper_bound,
        bands.valid_from,
        row_number() over (partition by versions.policy_version, band_sets.band_set order by bands.band_order) as place,
        count(*) over (partition by versions.policy_version, band_sets.band_set) as bands_in_set,
        min(bands.valid_from) over (partition by versions.policy_version, band_sets.band_set) as first_valid_from,
        lag(bands.upper_bound) over (partition by versions.policy_version, band_sets.band_set order by bands.band_order) as below
    from versions
    inner join band_sets
        on {{ holds_on('band_sets', 'versions.valid_from') }}
    left join bands
        on
            band_sets.band_set = bands.band_set
            and {{ holds_on('bands', 'versions.valid_from') }}
),

final as (
    select * from in_force
    where
        band is null
        or band_order <> place
        or upper_bound <= lower_bound
        or valid_from <> first_valid_from
        or (place = 1 and lower_bound is distinct from scale_lower)
        or (place > 1 and (below is null or lower_bound is null or lower_bound <> below))
        or (place = bands_in_set and upper_bound is distinct from scale_upper)
)

select * from final
