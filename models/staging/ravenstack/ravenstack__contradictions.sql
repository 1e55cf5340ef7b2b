{{ config(enabled=system_is_on('ravenstack'), materialized='view', access='protected') }}

-- kind: (rows that are looked at, condition of a contradiction). Each condition is true, false or null over its CTE below.
{% set kinds = {
    'account_flagged_churned_without_churn_event': ('judged_accounts', 'is_flagged_churned and churn_events = 0'),
    'account_with_churn_event_not_flagged_churned': ('judged_accounts', 'churn_events > 0 and not is_flagged_churned'),
    'account_flagged_churned_with_open_subscription': ('judged_accounts', 'is_flagged_churned and open_subscriptions > 0'),
    'account_with_churn_event_and_open_subscription': ('judged_accounts', 'churn_events > 0 and open_subscriptions > 0'),
    'account_on_trial_with_paid_subscription': ('judged_accounts', 'is_trial and open_paid_subscriptions > 0'),
    'account_seats_differ_from_open_subscriptions': ('judged_accounts', 'seats <> open_seats'),
    'subscription_ended_on_the_day_it_began': ('subscriptions', 'ended_at = started_at'),
    'usage_before_subscription_began': ('judged_usage', 'used_at < started_at'),
    'usage_after_subscription_ended': ('judged_usage', 'used_at >= ended_at'),
    'usage_without_subscription': ('judged_usage', 'started_at is null'),
    'usage_id_shared_by_different_rows': ('usage_ids', 'row_count > 1'),
    'ticket_before_account_signed_up': ('judged_tickets', 'opened_at < signed_up_at'),
    'reactivation_without_earlier_churn': ('reactivations', 'first_churned_at >= churned_at'),
} %}

with accounts as (
    select * from {{ ref('stg_ravenstack__accounts') }} where rejected_reason is null
),

subscriptions as (
    select * from {{ ref('stg_ravenstack__subscriptions') }} where rejected_reason is null
),

feature_usage as (
    select * from {{ ref('stg_ravenstack__feature_usage') }} where rejected_reason is null
),

support_tickets as (
    select * from {{ ref('stg_ravenstack__support_tickets') }} where rejected_reason is null
),

churn_events as (
    select * from {{ ref('stg_ravenstack__churn_events') }} where rejected_reason is null
),

open_by_account as (
    select
        account_id,
        count(*) as open_subscriptions,
        sum(case when is_trial then 0 else 1 end) as open_paid_subscriptions,
        sum(seats) as open_seats
    from subscriptions
    where ended_at is null
    group by account_id
),

churn_by_account as (
    select
        account_id,
        count(*) as churn_events,
        min(churned_at) as first_churned_at
    from churn_events
    group by account_id
),

judged_accounts as (
    select
        accounts.is_flagged_churned,
        accounts.is_trial,
        accounts.seats,
        coalesce(churn_by_account.churn_events, 0) as churn_events,
        coalesce(open_by_account.open_subscriptions, 0) as open_subscriptions,
        coalesce(open_by_account.open_paid_subscriptions, 0) as open_paid_subscriptions,
        coalesce(open_by_account.open_seats, 0) as open_seats
    from accounts
    left join open_by_account on accounts.account_id = open_by_account.account_id
    left join churn_by_account on accounts.account_id = churn_by_account.account_id
),

judged_usage as (
    select
        feature_usage.used_at,
        subscriptions.started_at,
        subscriptions.ended_at
    from feature_usage
    left join subscriptions on feature_usage.subscription_id = subscriptions.subscription_id
),

usage_ids as (
    select
        usage_id,
        count(*) as row_count
    from feature_usage
    group by usage_id
),

judged_tickets as (
    select
        support_tickets.opened_at,
        accounts.signed_up_at
    from support_tickets
    left join accounts on support_tickets.account_id = accounts.account_id
),

reactivations as (
    select
        churn_events.churned_at,
        churn_by_account.first_churned_at
    from churn_events
    inner join churn_by_account on churn_events.account_id = churn_by_account.account_id
    where churn_events.is_reactivation
),

final as (
    {%- for kind, (relation, condition) in kinds.items() %}
    select
        '{{ kind }}' as contradiction,
        sum(case when {{ condition }} then 1 else 0 end) as affected_rows,
        count(*) as looked_at_rows
    from {{ relation }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from final
