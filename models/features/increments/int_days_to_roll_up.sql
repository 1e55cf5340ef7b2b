with now as (
    select * from {{ ref('int_usage_digests') }}
),

built as (
    {{ built_from('int_usage_digests') }}
),

changes as (
    {{ changed_digests('now', 'built') }}
),

days as (
    select since as activity_date from now
    where owner_type = 'day'
    union
    select since from built
    where owner_type = 'day'
),

-- A membership that changed changes the days since it began; the catalogue or the code changes all of them.
later as (
    select min(since) as changed_since from changes
    where owner_type <> 'day'
),

changed_days as (
    select distinct {{ replaced_with('since') }} as replaced_day from changes
    where owner_type = 'day'
),

final as (
    select days.activity_date
    from days
    cross join later
    left join changed_days
        on {{ replaced_with('days.activity_date') }} = changed_days.replaced_day
    where
        changed_days.replaced_day is not null
        or {{ replaced_with('days.activity_date') }} >= {{ replaced_with('later.changed_since') }}
)

select * from final
