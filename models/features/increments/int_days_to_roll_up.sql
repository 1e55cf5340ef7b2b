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
    select since as activity_date from changes
    where owner_type = 'day'
),

final as (
    select days.activity_date
    from days
    cross join later
    left join changed_days
        on days.activity_date = changed_days.activity_date
    where
        changed_days.activity_date is not null
        or days.activity_date >= later.changed_since
)

select * from final
