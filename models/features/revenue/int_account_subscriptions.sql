with account_snapshots as (
    select * from {{ ref('int_account_snapshots') }}
),

subscriptions as (
    select * from {{ ref('int_subscription_periods') }}
),

-- Free and metered subscriptions run, but are not paid for.
paid as (
    select * from {{ ref('int_subscription_mrr') }}
),

matches as (
    select * from {{ ref('int_account_match_windows') }}
),

cancellations as (
    select
        subscription_id,
        {{ local_date('requested_at') }} as requested_on,
        {{ local_date('revoked_at') }} as revoked_on
    from {{ ref('subscription_cancellations') }}
),

running as (
    select
        account_snapshots.account_id,
        account_snapshots.snapshot_date,
        sum(case when {{ holds_on('subscriptions', 'account_snapshots.snapshot_date', 'trial_from', 'trial_until') }} then 1 else 0 end) as trials_running,
        count(paid.subscription_id) as paid_running,
        sum(case when paid.subscription_id is not null and cancellations.subscription_id is not null then 1 else 0 end) as cancellations_requested
    from account_snapshots
    inner join matches
        on
            account_snapshots.account_id = matches.account_id
            and matches.entity_type = 'billing_customer'
            and {{ holds_on('matches', 'account_snapshots.snapshot_date') }}
    inner join subscriptions
        on
            matches.entity_id = subscriptions.customer_id
            and {{ holds_on('subscriptions', 'account_snapshots.snapshot_date', 'started_on', 'ended_on') }}
    left join paid
        on
            subscriptions.subscription_id = paid.subscription_id
            and account_snapshots.snapshot_date = paid.revenue_date
    left join cancellations
        on
            subscriptions.subscription_id = cancellations.subscription_id
            and {{ holds_on('cancellations', 'account_snapshots.snapshot_date', 'requested_on', 'revoked_on') }}
    group by account_snapshots.account_id, account_snapshots.snapshot_date
),

final as (
    select
        account_id,
        snapshot_date,
        case when trials_running > 0 and paid_running = 0 then 1 else 0 end as trial_is_running,
        case when paid_running > 0 and cancellations_requested = paid_running then 1 else 0 end as cancellation_is_requested
    from running
)

select * from final
