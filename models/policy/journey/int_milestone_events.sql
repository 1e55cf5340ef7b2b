with matches as (
    select * from {{ ref('int_account_match_windows') }}
    where account_id is not null
),

subscriptions as (
    select * from {{ ref('int_subscription_periods') }}
),

spells as (
    select * from {{ ref('int_account_paid_spells') }}
),

invoices as (
    select
        customer_id,
        {{ local_date('issued_at') }} as issued_on
    from {{ ref('invoices') }}
    where amount_due > 0
),

renewals as (
    select * from {{ ref('int_account_renewals') }}
),

growth as (
    select * from {{ ref('int_account_mrr_growth') }}
),

value_reached as (
    select * from {{ ref('int_account_value_reached') }}
    where has_value = 1
),

account_days as (
    select * from {{ ref('int_account_days') }}
),

features as (
    select distinct
        feature,
        feature_bit,
        is_core
    from {{ ref('feature_catalogue') }}
    where
        feature is not null
        and source_system in ('{{ systems_filling("usage_events") | join("', '") }}')
),

-- Every day on which something happened that may be a milestone; an entity counts for the account that it belonged to on that day.
dated as (
    select 'contract' as milestone_event, account_id, cast(null as {{ dbt.type_string() }}) as feature, started_on as happened_on from spells
    union all
    select 'churn', account_id, null, churned_on from spells
    union all
    select 'renewal', account_id, null, renewed_on from renewals
    union all
    select 'expansion', account_id, null, grown_on from growth
    union all
    select 'value', account_id, null, snapshot_date from value_reached
    union all
    select 'use', account_id, null, activity_date from account_days
    union all
    select 'trial', matches.account_id, null, subscriptions.trial_from
    from subscriptions
    inner join matches
        on
            matches.entity_type = 'billing_customer'
            and subscriptions.customer_id = matches.entity_id
            and {{ holds_on('matches', 'subscriptions.trial_from') }}
    union all
    select 'invoice', matches.account_id, null, invoices.issued_on
    from invoices
    inner join matches
        on
            matches.entity_type = 'billing_customer'
            and invoices.customer_id = matches.entity_id
            and {{ holds_on('matches', 'invoices.issued_on') }}
    union all
    select 'feature', account_days.account_id, features.feature, account_days.activity_date
    from account_days
    inner join features
        on (account_days.feature_bits & features.feature_bit) > 0
    union all
    select 'core_feature', account_days.account_id, features.feature, account_days.activity_date
    from account_days
    inner join features
        on features.is_core and (account_days.feature_bits & features.feature_bit) > 0
),

final as (
    select
        account_id,
        milestone_event,
        feature,
        min(happened_on) as happened_on
    from dated
    where happened_on <= {{ as_of_date() }}
    group by account_id, milestone_event, feature
)

select * from final
