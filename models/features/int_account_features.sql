with account_snapshots as (
    select * from {{ ref('int_account_snapshots') }}
),

revenue as (
    select * from {{ ref('int_account_revenue') }}
),

decisions as (
    select * from {{ ref('int_account_decisions') }}
),

billing as (
    select * from {{ ref('int_account_billing') }}
),

usage as (
    select * from {{ ref('int_account_usage') }}
),

first_value as (
    select * from {{ ref('int_account_first_value') }}
),

outcomes as (
    select * from {{ ref('int_account_outcomes') }}
),

tickets as (
    select * from {{ ref('int_account_tickets') }}
),

reopenings as (
    select * from {{ ref('int_account_reopenings') }}
),

surveys as (
    select * from {{ ref('int_account_surveys') }}
),

sentiments as (
    select * from {{ ref('int_account_ticket_sentiments') }}
),

contacts as (
    select * from {{ ref('int_account_contacts') }}
),

activities as (
    select * from {{ ref('int_account_activities') }}
),

opportunities as (
    select * from {{ ref('int_account_opportunities') }}
),

sponsors as (
    select * from {{ ref('int_account_sponsors') }}
),

champions as (
    select * from {{ ref('int_account_champions') }}
),

renewals as (
    select * from {{ ref('int_account_renewals_near') }}
),

pulses as (
    select * from {{ ref('int_account_pulses') }}
),

-- What there is to use: the features of the systems that feed this warehouse.
catalogue as (
    select
        cast(count(distinct feature) as integer) as features_offered,
        count(distinct case when is_core then feature end) as core_features_offered
    from {{ ref('feature_catalogue') }}
    where source_system in ('{{ var("systems") | join("', '") }}')
),

final as (
    select
        account_snapshots.account_id,
        account_snapshots.snapshot_date,
        account_snapshots.is_current,

        -- account
        account_snapshots.account_age_days,
        account_snapshots.industry,
        account_snapshots.country,
        account_snapshots.employees,
        account_snapshots.brand,
        account_snapshots.is_brand,
        account_snapshots.has_parent,

        -- relationship
        case when {{ is_connected('contacts') }} then contacts.executives_known end as executives_known,
        case when {{ is_connected('contacts') }} then contacts.decision_maker_is_known end as decision_maker_is_known,
        {{ days_between('activities.last_two_way_on', 'account_snapshots.snapshot_date') }} as days_since_two_way_contact,
        {{ days_between('sponsors.sponsor_heard_on', 'account_snapshots.snapshot_date') }} as days_since_sponsor_contact,
        case when champions.account_id is null then 0 else 1 end as champion_left_180d,
        {{ days_between('champions.champion_left_on', 'account_snapshots.snapshot_date') }} as days_since_champion_left,
        pulses.pulse as csm_pulse,
        {{ days_between('pulses.given_on', 'account_snapshots.snapshot_date') }} as csm_pulse_age_days,
        case when pulses.account_id is null then 0 else 1 end as csm_pulse_is_kept,
        case when {{ is_connected('activities') }} then activities.meetings_90d end as meetings_90d,
        case when {{ is_connected('opportunities') }} then coalesce(opportunities.open_new_business_opportunities, 0) end as open_new_business_opportunities,
        case when {{ is_connected('opportunities') }} then coalesce(opportunities.open_renewal_opportunities, 0) end as open_renewal_opportunities,
        case when {{ is_connected('opportunities') }} then coalesce(opportunities.open_expansion_opportunities, 0) end as open_expansion_opportunities,

        -- revenue
        revenue.is_customer,
        revenue.has_been_customer,
        revenue.has_churned_before,
        revenue.trial_is_running,
        revenue.cancellation_is_requested,
        {{ days_between('revenue.first_paid_on', 'account_snapshots.snapshot_date') }} as days_since_first_paid,
        {{ days_between('revenue.paid_again_on', 'account_snapshots.snapshot_date') }} as days_since_paid_again,
        {{ days_between('revenue.churned_on', 'account_snapshots.snapshot_date') }} as days_since_churned,
        {{ days_between('account_snapshots.snapshot_date', 'revenue.renews_on') }} as days_to_renewal,
        renewals.renewal_is_near,
        case when revenue.is_customer = 1 then greatest(coalesce({{ days_between('account_snapshots.snapshot_date', 'revenue.renews_on') }}, 0), 0) end as days_bound,
        decisions.months_up_for_decision,
        revenue.mrr,
        revenue.mrr_change_90d,
        revenue.seats,
        revenue.is_sold_by_seat,
        {{ divide_exact('revenue.mrr', 'revenue.seats', 4) }} as mrr_per_seat,
        case
            when revenue.is_sold_by_seat = 1 and account_snapshots.employees is not null then greatest(account_snapshots.employees - revenue.seats, 0)
        end as seat_whitespace,
        case
            when revenue.is_sold_by_seat = 1 and account_snapshots.employees is not null
                then {{ divide_exact('revenue.mrr * greatest(account_snapshots.employees, revenue.seats)', 'revenue.seats', 4) }}
        end as potential_mrr,
        revenue.plan_name,
        revenue.is_legacy_plan,
        revenue.active_subscriptions,
        billing.days_overdue,
        billing.overdue_amount,
        billing.failed_payments_90d,

        -- usage
        {{ days_between('usage.first_active_on', 'account_snapshots.snapshot_date') }} as days_since_first_active,
        {{ days_between('usage.last_active_on', 'account_snapshots.snapshot_date') }} as days_since_last_active,
        usage.active_days_28d,
        usage.actions_28d,
        case when catalogue.core_features_offered > 0 then usage.core_actions_28d end as core_actions_28d,
        usage.active_users_28d,
        usage.active_users_7d,
        {{ divide_exact('usage.active_users_28d', 'revenue.seats', 4) }} as seat_utilisation,
        usage.features_used_28d,
        catalogue.features_offered - usage.features_used_28d as feature_whitespace,
        {{ divide_exact('3 * usage.active_days_28d', 'usage.active_days_84d_before', 4) }} as usage_trend,
        {{ divide_exact('usage.days_known_336d_before * usage.actions_28d', '28 * usage.actions_336d_before', 4) }} as usage_year_trend,
        {{ divide_exact('usage.advanced_actions_90d', 'usage.actions_90d', 4) }} as advanced_share_90d,
        {{ divide_exact('usage.admin_actions_90d', 'usage.actions_90d', 4) }} as admin_share_90d,
        {{ divide_exact('usage.failed_actions_90d', 'usage.actions_90d', 4) }} as failure_share_90d,
        usage.failure_days_28d,
        {{ divide_exact('usage.self_service_actions_90d', 'usage.self_service_actions_90d + tickets.tickets_90d', 4) }} as self_service_rate_90d,
        coalesce(first_value.has_first_value, 0) as has_first_value,
        {{ days_between('first_value.first_value_on', 'account_snapshots.snapshot_date') }} as days_since_first_value,
        case when outcomes.account_id is null then 0 else 1 end as use_is_observed,
        coalesce(outcomes.first_value_was_seen, 0) as first_value_was_seen,
        outcomes.days_to_first_value,

        -- support and surveys
        tickets.tickets_90d,
        tickets.open_tickets,
        tickets.severe_tickets_90d,
        tickets.repeated_tickets_90d,
        reopenings.reopened_tickets_90d,
        case when reopenings.account_id is null then 0 else 1 end as reopening_is_known,
        {{ divide_exact('tickets.tickets_90d', 'greatest(coalesce(usage.active_users_28d, 1), 1)', 4) }} as tickets_per_user_90d,
        tickets.resolution_hours_90d,
        {{ divide_exact(
            'coalesce(tickets.csat_sum_180d, 0) + coalesce(surveys.csat_sum_180d, 0)',
            'coalesce(tickets.csat_count_180d, 0) + coalesce(surveys.csat_count_180d, 0)',
            4
        ) }} as csat_rating_180d,
        surveys.nps_score,
        surveys.nps_age_days,
        {{ divide_exact('sentiments.sentiment_sum_180d', 'sentiments.messages_scored_180d', 4) }} as ticket_sentiment_180d,
        sentiments.messages_scored_180d as ticket_messages_scored_180d,
        {{ days_between('sentiments.last_scored_on', 'account_snapshots.snapshot_date') }} as ticket_sentiment_age_days
    from account_snapshots
    inner join revenue
        on account_snapshots.account_id = revenue.account_id and account_snapshots.snapshot_date = revenue.snapshot_date
    {%- for relation in ['decisions', 'billing', 'usage', 'first_value', 'outcomes', 'tickets', 'reopenings', 'surveys', 'sentiments', 'contacts', 'activities', 'opportunities', 'sponsors', 'champions', 'renewals', 'pulses'] %}
    left join {{ relation }}
        on account_snapshots.account_id = {{ relation }}.account_id and account_snapshots.snapshot_date = {{ relation }}.snapshot_date
    {%- endfor %}
    cross join catalogue
)

select * from final
