with rebuilds as (
    select * from {{ ref('int_rebuilds') }}
),

day_groups as (
    select * from {{ ref('int_account_day_groups') }}
),

snapshots as (
    select * from {{ ref('int_snapshots') }}
),

-- A day enters a window and leaves it again: 28 days, the 84 and the 336 before them, 90 days. Running sums of what enters and leaves cost
-- each group of days five rows, however many snapshots see it.
edges as (
    select 0 as days_later, 1 as in_28d, 0 as in_84d_before, 0 as in_336d_before, 1 as in_90d
    union all
    select 28, -1, 1, 1, 0
    union all
    select 90, 0, 0, 0, -1
    union all
    select 112, 0, -1, 0, 0
    union all
    select 364, 0, 0, -1, 0
),

dated as (
    select
        day_groups.*,
        edges.in_28d,
        edges.in_84d_before,
        edges.in_336d_before,
        edges.in_90d,
        case edges.days_later
            when 0 then day_groups.seen_from
            when 28 then day_groups.unseen_from_28d
            when 90 then day_groups.unseen_from_90d
            when 112 then day_groups.unseen_from_112d
            else day_groups.unseen_from_364d
        end as snapshot_date
    from day_groups
    cross join edges
),

changes as (
    select
        account_id,
        snapshot_date,
        sum(in_28d * active_days) as active_days_28d,
        sum(in_84d_before * active_days) as active_days_84d_before,
        sum(in_28d * actions) as actions_28d,
        sum(in_336d_before * actions) as actions_336d_before,
        sum(in_28d * core_actions) as core_actions_28d,
        sum(in_90d * actions) as actions_90d,
        sum(in_90d * advanced_actions) as advanced_actions_90d,
        sum(in_90d * admin_actions) as admin_actions_90d,
        sum(in_90d * failed_actions) as failed_actions_90d,
        sum(in_90d * self_service_actions) as self_service_actions_90d,
        sum(in_28d * failure_days) as failure_days_28d
    from dated
    where snapshot_date is not null
    group by account_id, snapshot_date
),

-- Bits cannot be taken out of a union again.
features_used as (
    select
        day_groups.account_id,
        snapshots.snapshot_date,
        {{ bit_count('bit_or(day_groups.feature_bits)') }} as features_used_28d
    from {{ ref('int_account_day_groups') }} as day_groups
    inner join snapshots
        on
            day_groups.seen_from <= snapshots.snapshot_date
            and (day_groups.unseen_from_28d is null or day_groups.unseen_from_28d > snapshots.snapshot_date)
    group by day_groups.account_id, snapshots.snapshot_date
),

starts as (
    select
        account_id,
        min(seen_from) as first_date
    from {{ ref('int_account_day_groups') }}
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
            'active_days_28d', 'active_days_84d_before', 'actions_28d', 'actions_336d_before', 'core_actions_28d', 'actions_90d',
            'advanced_actions_90d', 'admin_actions_90d', 'failed_actions_90d', 'self_service_actions_90d', 'failure_days_28d',
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
