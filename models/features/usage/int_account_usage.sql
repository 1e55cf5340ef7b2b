{%- set kinds = ['features', 'core', 'advanced', 'admin', 'self_service', 'failures'] -%}

with account_snapshots as (
    select * from {{ ref('int_account_snapshots') }}
),

sources as (
    select * from {{ ref('int_account_usage_sources') }}
),

account_days as (
    select * from {{ ref('int_account_days') }}
),

days as (
    select * from {{ ref('int_days') }}
),

rebuilds as (
    select * from {{ ref('int_rebuilds') }}
),

windows as (
    select * from {{ ref('int_account_usage_windows') }}
),

users as (
    select * from {{ ref('int_account_users') }}
),

-- A workspace that is known and silent was not used, once its source tells of use at all; an account without one is not observed. What is
-- older than that may have been used before: use before that day is not known.
observed as (
    select
        account_snapshots.account_id,
        account_snapshots.snapshot_date,
        {%- for kind in kinds %}
        max(sources.tells_{{ kind }}) as tells_{{ kind }},
        {%- endfor %}
        case when account_snapshots.born_on < min(sources.observed_from) then min(sources.observed_from) end as unknown_before
    from account_snapshots
    inner join sources
        on
            account_snapshots.account_id = sources.account_id
            and sources.observed_from <= account_snapshots.snapshot_date
            and {{ holds_on('sources', 'account_snapshots.snapshot_date') }}
    group by account_snapshots.account_id, account_snapshots.snapshot_date, account_snapshots.born_on
),

-- A day of use belongs to the first snapshot that can see it; all that are older than this run's snapshots belong to the first of them.
seen as (
    select
        account_days.account_id,
        greatest(days.first_snapshot_date, rebuilds.read_from) as snapshot_date,
        account_days.activity_date,
        0 as is_observed,
        {%- for kind in kinds %}
        0 as tells_{{ kind }},
        {%- endfor %}
        cast(null as date) as unknown_before
    from account_days
    inner join days
        on account_days.activity_date = days.day
    inner join rebuilds
        on account_days.account_id = rebuilds.account_id
    union all
    select
        account_id,
        snapshot_date,
        null,
        1,
        {%- for kind in kinds %}
        tells_{{ kind }},
        {%- endfor %}
        unknown_before
    from observed
),

by_snapshot as (
    select
        account_id,
        snapshot_date,
        min(activity_date) as first_active_on,
        max(activity_date) as last_active_on,
        max(is_observed) as is_observed,
        {%- for kind in kinds %}
        max(tells_{{ kind }}) as tells_{{ kind }},
        {%- endfor %}
        max(unknown_before) as unknown_before
    from seen
    group by account_id, snapshot_date
),

-- Running extremes give first and last use as they stood at every snapshot.
extremes as (
    select
        account_id,
        snapshot_date,
        is_observed,
        unknown_before,
        {%- for kind in kinds %}
        tells_{{ kind }},
        {%- endfor %}
        min(first_active_on) over (
            partition by account_id order by snapshot_date
            rows between unbounded preceding and current row
        ) as first_active_on,
        max(last_active_on) over (
            partition by account_id order by snapshot_date
            rows between unbounded preceding and current row
        ) as last_active_on
    from by_snapshot
),

running as (
    select * from extremes
    where is_observed = 1
),

-- Actions that name nobody, as a server's, do not say how many people there were; where nobody acted, there were none. What the source does
-- not tell of is not known, and neither none nor all right.
final as (
    select
        running.account_id,
        running.snapshot_date,
        running.unknown_before,
        running.first_active_on,
        running.last_active_on,
        coalesce(windows.active_days_28d, 0) as active_days_28d,
        coalesce(windows.active_days_84d_before, 0) as active_days_84d_before,
        coalesce(windows.actions_28d, 0) as actions_28d,
        coalesce(windows.actions_336d_before, 0) as actions_336d_before,
        case
            when running.first_active_on is not null
                then greatest(least({{ days_between('running.first_active_on', 'running.snapshot_date') }} - 27, 336), 0)
        end as days_known_336d_before,
        case when running.tells_core = 1 then coalesce(windows.core_actions_28d, 0) end as core_actions_28d,
        coalesce(windows.actions_90d, 0) as actions_90d,
        case when running.tells_advanced = 1 then coalesce(windows.advanced_actions_90d, 0) end as advanced_actions_90d,
        case when running.tells_admin = 1 then coalesce(windows.admin_actions_90d, 0) end as admin_actions_90d,
        case when running.tells_failures = 1 then coalesce(windows.failed_actions_90d, 0) end as failed_actions_90d,
        case when running.tells_self_service = 1 then coalesce(windows.self_service_actions_90d, 0) end as self_service_actions_90d,
        case when running.tells_failures = 1 then coalesce(windows.failure_days_28d, 0) end as failure_days_28d,
        case when running.tells_features = 1 then coalesce(windows.features_used_28d, 0) end as features_used_28d,
        case
            when {{ is_connected('product_users') }} and (users.active_users_28d > 0 or coalesce(windows.actions_28d, 0) = 0)
                then coalesce(users.active_users_28d, 0)
        end as active_users_28d,
        case
            when {{ is_connected('product_users') }} and (users.active_users_28d > 0 or coalesce(windows.actions_28d, 0) = 0)
                then coalesce(users.active_users_7d, 0)
        end as active_users_7d
    from running
    left join windows
        on running.account_id = windows.account_id and running.snapshot_date = windows.snapshot_date
    left join users
        on running.account_id = users.account_id and running.snapshot_date = users.snapshot_date
)

select * from final
