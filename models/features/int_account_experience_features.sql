{{ config(materialized='view') }}

with account_snapshots as (
    select * from {{ ref('int_account_snapshots') }}
),

revenue as (
    select * from {{ ref('int_account_revenue') }}
),

observed_usage as (
    select * from {{ ref('int_account_usage') }}
),

silences as (
    select * from {{ ref('int_account_silences') }}
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

-- What there is to use: the features of the systems that feed this warehouse.
catalogue as (
    select cast(count(distinct feature) as integer) as features_offered
    from {{ ref('feature_catalogue') }}
    where source_system in ('{{ var("systems") | join("', '") }}')
),

-- What a window counts is known when all of its days are: days before use was observed are not days without use. Shares of what was done
-- there are told of the days that are known.
usage as (
    select
        account_id,
        snapshot_date,
        unknown_before,
        first_active_on,
        last_active_on,
        actions_336d_before,
        days_known_336d_before,
        actions_90d,
        advanced_actions_90d,
        admin_actions_90d,
        failed_actions_90d,
        {%- for days, columns in {
            7: ['active_users_7d'],
            28: ['active_days_28d', 'actions_28d', 'core_actions_28d', 'active_users_28d', 'features_used_28d', 'failure_days_28d'],
            90: ['self_service_actions_90d'],
            112: ['active_days_84d_before'],
        }.items() %}
        {%- for column in columns %}
        case when unknown_before is null or {{ days_between('unknown_before', 'snapshot_date') }} >= {{ days - 1 }} then {{ column }} end as {{ column }},
        {%- endfor %}
        {%- endfor %}
        1 as is_observed
    from observed_usage
),

-- Where nobody observes use, whether there was value and how many people raised the tickets is not known: neither is none.
final as (
    select
        account_snapshots.account_id,
        account_snapshots.snapshot_date,

        -- usage
        {{ days_between('usage.first_active_on', 'account_snapshots.snapshot_date') }} as days_since_first_active,
        coalesce(
            {{ days_between('usage.last_active_on', 'account_snapshots.snapshot_date') }},
            {{ days_between('silences.silent_since', 'account_snapshots.snapshot_date') }}
        ) as days_since_last_active,
        usage.active_days_28d,
        usage.actions_28d,
        usage.core_actions_28d,
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
        first_value.has_first_value,
        {{ days_between('first_value.first_value_on', 'account_snapshots.snapshot_date') }} as days_since_first_value,
        coalesce(usage.is_observed, 0) as use_is_observed,
        case
            when usage.is_observed = 1 and revenue.paid_again_on is not null
                then {{ days_between('greatest(revenue.paid_again_on, usage.unknown_before)', 'account_snapshots.snapshot_date') }}
        end as days_use_observed,
        coalesce(outcomes.first_value_was_seen, 0) as first_value_was_seen,
        outcomes.days_to_first_value,

        -- support and surveys
        tickets.tickets_90d,
        tickets.open_tickets,
        tickets.severe_tickets_90d,
        tickets.repeated_tickets_90d,
        reopenings.reopened_tickets_90d,
        case when reopenings.account_id is null then 0 else 1 end as reopening_is_known,
        {{ divide_exact('tickets.tickets_90d', 'case when usage.active_users_28d is not null then greatest(usage.active_users_28d, 1) end', 4) }} as tickets_per_user_90d,
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
    {%- for relation in ['usage', 'silences', 'first_value', 'outcomes', 'tickets', 'reopenings', 'surveys', 'sentiments'] %}
    left join {{ relation }}
        on account_snapshots.account_id = {{ relation }}.account_id and account_snapshots.snapshot_date = {{ relation }}.snapshot_date
    {%- endfor %}
    cross join catalogue
)

select * from final
