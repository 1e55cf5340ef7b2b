{{ config(materialized='view') }}

{#- What the account's own system does not keep is known of it while another keeps one that is open. -#}
{%- set knows_opportunities = is_filled_by('opportunities', 'account_snapshots.source_system') ~ " or opportunities.account_id is not null" -%}

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
        contacts.executives_known,
        contacts.decision_maker_is_known,
        -- A customer that nobody ever spoke with is without a contact since it pays.
        coalesce(
            {{ days_between('activities.last_two_way_on', 'account_snapshots.snapshot_date') }},
            case
                when {{ is_filled_by('activities', 'account_snapshots.source_system') }}
                    then {{ days_between('revenue.paid_again_on', 'account_snapshots.snapshot_date') }}
            end
        ) as days_since_two_way_contact,
        {{ days_between('sponsors.sponsor_heard_on', 'account_snapshots.snapshot_date') }} as days_since_sponsor_contact,
        case when champions.account_id is null then 0 else 1 end as champion_left_180d,
        {{ days_between('champions.champion_left_on', 'account_snapshots.snapshot_date') }} as days_since_champion_left,
        pulses.pulse as csm_pulse,
        {{ days_between('pulses.given_on', 'account_snapshots.snapshot_date') }} as csm_pulse_age_days,
        case when pulses.account_id is null then 0 else 1 end as csm_pulse_is_kept,
        activities.meetings_90d,
        case when {{ knows_opportunities }} then coalesce(opportunities.open_new_business_opportunities, 0) end as open_new_business_opportunities,
        case when {{ knows_opportunities }} then coalesce(opportunities.open_renewal_opportunities, 0) end as open_renewal_opportunities,
        case when {{ knows_opportunities }} then coalesce(opportunities.open_expansion_opportunities, 0) end as open_expansion_opportunities,

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
        case when {{ knows_opportunities }} then renewals.renewal_is_near end as renewal_is_near,
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
        billing.failed_payments_90d
    from account_snapshots
    inner join revenue
        on account_snapshots.account_id = revenue.account_id and account_snapshots.snapshot_date = revenue.snapshot_date
    {%- for relation in ['decisions', 'billing', 'contacts', 'activities', 'opportunities', 'sponsors', 'champions', 'renewals', 'pulses'] %}
    left join {{ relation }}
        on account_snapshots.account_id = {{ relation }}.account_id and account_snapshots.snapshot_date = {{ relation }}.snapshot_date
    {%- endfor %}
)

select * from final
