with bands as (
    select * from {{ ref('bands') }}
),

-- The top band is closed where the scale has an end: 100 belongs to it.
final as (
    select
        band_set,
        band,
        band_order,
        lower_bound,
        upper_bound,
        max(band_order) over (partition by band_set, valid_from) as highest_order,
        band_order = max(band_order) over (partition by band_set, valid_from) as is_top,
        valid_from,
        valid_to
    from bands
)

select * from final
