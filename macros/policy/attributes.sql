{#-
  The attributes that policy may use, by the phase in which they become known: rules of a phase may use what is known in it.
  tests/config/attributes_match_catalogue holds them against seeds/policy/attributes.csv.
-#}
{% macro number_attributes(phase='features') -%}
    {%- set known = [
        'account_age_days', 'employees', 'is_brand', 'has_parent',
        'executives_known', 'decision_maker_is_known', 'days_since_two_way_contact', 'days_since_sponsor_contact', 'meetings_90d',
        'champion_left_180d', 'days_since_champion_left', 'csm_pulse', 'csm_pulse_age_days', 'csm_pulse_is_kept',
        'open_new_business_opportunities', 'open_renewal_opportunities', 'open_expansion_opportunities',
        'is_customer', 'has_been_customer', 'has_churned_before', 'trial_is_running', 'cancellation_is_requested',
        'days_since_first_paid', 'days_since_paid_again', 'days_since_churned', 'days_to_renewal', 'renewal_is_near', 'days_bound', 'months_up_for_decision',
        'mrr', 'mrr_change_90d', 'seats', 'is_sold_by_seat', 'mrr_per_seat', 'seat_whitespace', 'potential_mrr', 'is_legacy_plan', 'active_subscriptions',
        'days_overdue', 'overdue_amount', 'failed_payments_90d',
        'days_since_first_active', 'days_since_last_active', 'active_days_28d', 'actions_28d', 'core_actions_28d', 'active_users_28d',
        'active_users_7d', 'seat_utilisation', 'features_used_28d', 'feature_whitespace', 'usage_trend', 'usage_year_trend', 'advanced_share_90d',
        'admin_share_90d', 'failure_share_90d', 'failure_days_28d', 'self_service_rate_90d', 'has_first_value', 'days_since_first_value',
        'use_is_observed', 'days_use_observed', 'first_value_was_seen', 'days_to_first_value',
        'tickets_90d', 'open_tickets', 'severe_tickets_90d', 'repeated_tickets_90d', 'reopened_tickets_90d', 'reopening_is_known',
        'tickets_per_user_90d', 'resolution_hours_90d',
        'csat_rating_180d', 'nps_score', 'nps_age_days', 'ticket_sentiment_180d', 'ticket_messages_scored_180d', 'ticket_sentiment_age_days',
    ] -%}
    {%- if phase != 'features' -%}{%- do known.append('sophistication_score') -%}{%- endif -%}
    {%- if phase == 'plays' -%}
        {%- do known.extend(['health_score', 'health_score_change', 'days_in_stage', 'stage_is_stalled', 'touch_days_overdue', 'review_days_overdue']) -%}
    {%- endif -%}
    {{ return(known) }}
{%- endmacro %}

{% macro text_attributes(phase='features') -%}
    {%- set known = ['industry', 'country', 'brand', 'plan_name'] -%}
    {%- if phase in ('segments', 'profiles', 'plays') -%}{%- do known.extend(['sophistication', 'value_band']) -%}{%- endif -%}
    {%- if phase in ('profiles', 'plays') -%}{%- do known.extend(['segment', 'stage']) -%}{%- endif -%}
    {%- if phase == 'plays' -%}{%- do known.extend(['skill_segment', 'health_band']) -%}{%- endif -%}
    {{ return(known) }}
{%- endmacro %}

{#-
  The value of the attribute that a policy row names, as an exact number. No SQL is built from policy: the names are fixed here.
  The linter sees the first few only (.sqlfluff): each mention writes them all, and all are alike.
-#}
{% macro number_attribute(name_expression, relation, phase='features') -%}
    case {{ name_expression }}
    {%- for attribute in number_attributes(phase)[:var('attributes_linted', none)] %}
        when '{{ attribute }}' then cast({{ relation }}.{{ attribute }} as decimal(18, 4))
    {%- endfor %}
    end
{%- endmacro %}

{% macro text_attribute(name_expression, relation, phase='features') -%}
    case {{ name_expression }}
    {%- for attribute in text_attributes(phase) %}
        when '{{ attribute }}' then cast({{ relation }}.{{ attribute }} as {{ dbt.type_string() }})
    {%- endfor %}
    end
{%- endmacro %}

{#-
  What no attribute lies below: stands for a bound that is not given. Spark's catalogue takes a view of at most 32,700 letters, and every mention
  of number_attribute costs some 6,000 of them.
-#}
{% macro lowest_number() -%}
    cast(-99999999999999.9999 as decimal(18, 4))
{%- endmacro %}

{#- A decimal as people write it: 500 and 0.25, not 500.0000. -#}
{% macro plain_number(expression) -%}
    trim(trailing '.' from trim(trailing '0' from cast(cast({{ expression }} as decimal(18, 4)) as {{ dbt.type_string() }})))
{%- endmacro %}
