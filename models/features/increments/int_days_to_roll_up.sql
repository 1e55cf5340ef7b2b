{{ config(post_hook="{{ remember_what_is_begun(['activity_date']) }}") }}

with now as (
    select * from {{ ref('int_usage_digests') }}
),

built as (
    {{ built_from('int_usage_digests') }}
),

-- Days that a run which did not end well may have rolled up.
begun as (
    {{ begun('int_days_to_roll_up', {'activity_date': 'date'}) }}
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
    union
    select activity_date from begun
),

-- A membership that changed changes the days since it began; the catalogue or the code changes all of them.
later as (
    select min(since) as changed_since from changes
    where owner_type <> 'day'
),

changed_days as (
    select {{ replaced_with('since') }} as replaced_day from changes
    where owner_type = 'day'
    union
    select {{ replaced_with('activity_date') }} from begun
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
