with rebuilds as (
    select * from {{ ref('int_rebuilds') }}
),

-- What no window of the run's snapshots can see is left out.
account_days as (
    select account_days.*
    from {{ ref('int_account_days') }} as account_days
    inner join rebuilds
        on
            account_days.account_id = rebuilds.account_id
            and account_days.activity_date > {{ add_days('rebuilds.read_from', -112) }}
),

days as (
    select * from {{ ref('int_days') }}
),

snapshots as (
    select * from {{ ref('int_snapshots') }}
),

-- A day enters a window and leaves it again: 28 days, the 84 before them, 90 days. Running sums of what enters and leaves cost
-- each day four rows, however many snapshots see it.
edges as (
    select 0 as days_later, 1 as in_28d, 0 as in_84d_before, 1 as in_90d
    union all
    select 28, -1, 1, 0
    union all
    select 90, 0, 0, -1
    union all
    select 112, 0, -1, 0
),

edge_days as (
    select
        days.day,
        later.first_snapshot_date as snapshot_date,
        edges.in_28d,
        edges.in_84d_before,
        edges.in_90d
    from days
    cross join edges
    inner join days as later
        on {{ days_between('days.day', 'later.day') }} = edges.days_later
),

changes as (
    select
        account_days.account_id,
        edge_days.snapshot_date,
        sum(edge_days.in_28d) as active_days_28d,
        sum(edge_days.in_84d_before) as active_days_84d_before,
        cast(sum(edge_days.in_28d * account_days.actions) as bigint) as actions_28d,
        cast(sum(edge_days.in_28d * account_days.core_actions) as bigint) as core_actions_28d,
        cast(sum(edge_days.in_90d * account_days.actions) as bigint) as actions_90d,
        cast(sum(edge_days.in_90d * account_days.advanced_actions) as bigint) as advanced_actions_90d,
        cast(sum(edge_days.in_90d * account_days.admin_actions) as bigint) as admin_actions_90d,
        cast(sum(edge_days.in_90d * account_days.failed_actions) as bigint) as failed_actions_90d,
        cast(sum(edge_days.in_90d * account_days.self_service_actions) as bigint) as self_service_actions_90d,
        sum(case when account_days.failed_actions > 0 then edge_days.in_28d else 0 end) as failure_days_28d
    from account_days
    inner join edge_days
        on account_days.activity_date = edge_days.day
    group by account_days.account_id, edge_days.snapshot_date
),

-- Bits cannot be taken out of a union again.
features_used as (
    select
        account_days.account_id,
        snapshots.snapshot_date,
        {{ bit_count('bit_or(account_days.feature_bits)') }} as features_used_28d
    from account_days
    inner join snapshots
        on
            account_days.activity_date <= snapshots.snapshot_date
            and account_days.activity_date > {{ add_days('snapshots.snapshot_date', -28) }}
    inner join rebuilds
        on
            account_days.account_id = rebuilds.account_id
            and snapshots.snapshot_date >= rebuilds.read_from
    group by account_days.account_id, snapshots.snapshot_date
),

starts as (
    select
        account_id,
        min(snapshot_date) as first_date
    from changes
    group by account_id
),

every_snapshot as (
    select
        starts.account_id,
        snapshots.snapshot_date
    from starts
    inner join snapshots
        on starts.first_date <= snapshots.snapshot_date
),

summed as (
    select
        every_snapshot.account_id,
        every_snapshot.snapshot_date,
        {%- for name in [
            'active_days_28d', 'active_days_84d_before', 'actions_28d', 'core_actions_28d', 'actions_90d', 'advanced_actions_90d',
            'admin_actions_90d', 'failed_actions_90d', 'self_service_actions_90d', 'failure_days_28d',
        ] %}
        {{ running_sum('changes.' ~ name, 'every_snapshot.account_id', 'every_snapshot.snapshot_date') }} as {{ name }},
        {%- endfor %}
        coalesce(features_used.features_used_28d, 0) as features_used_28d
    from every_snapshot
    left join changes
        on every_snapshot.account_id = changes.account_id and every_snapshot.snapshot_date = changes.snapshot_date
    left join features_used
        on every_snapshot.account_id = features_used.account_id and every_snapshot.snapshot_date = features_used.snapshot_date
),

final as (
    select summed.*
    from summed
    inner join rebuilds
        on
            summed.account_id = rebuilds.account_id
            and summed.snapshot_date >= rebuilds.read_from
)

select * from final
