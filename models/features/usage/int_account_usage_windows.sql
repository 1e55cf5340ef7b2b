with account_days as (
    select * from {{ ref('int_account_days') }}
),

snapshots as (
    select * from {{ ref('int_snapshots') }}
),

-- The longest window any feature looks back: 28 days and the 84 days before them.
windowed as (
    select
        account_days.*,
        snapshots.snapshot_date,
        {{ days_between('account_days.activity_date', 'snapshots.snapshot_date') }} as days_ago
    from account_days
    inner join snapshots
        on
            account_days.activity_date <= snapshots.snapshot_date
            and account_days.activity_date > {{ add_days('snapshots.snapshot_date', -112) }}
),

final as (
    select
        account_id,
        snapshot_date,
        sum(case when days_ago < 28 then 1 else 0 end) as active_days_28d,
        sum(case when days_ago >= 28 then 1 else 0 end) as active_days_84d_before,
        cast(sum(case when days_ago < 28 then actions else 0 end) as bigint) as actions_28d,
        cast(sum(case when days_ago < 28 then core_actions else 0 end) as bigint) as core_actions_28d,
        cast(sum(case when days_ago < 90 then actions else 0 end) as bigint) as actions_90d,
        cast(sum(case when days_ago < 90 then advanced_actions else 0 end) as bigint) as advanced_actions_90d,
        cast(sum(case when days_ago < 90 then admin_actions else 0 end) as bigint) as admin_actions_90d,
        cast(sum(case when days_ago < 90 then failed_actions else 0 end) as bigint) as failed_actions_90d,
        {{ bit_count("bit_or(case when days_ago < 28 then feature_bits else 0 end)") }} as features_used_28d
    from windowed
    group by account_id, snapshot_date
)

select * from final
