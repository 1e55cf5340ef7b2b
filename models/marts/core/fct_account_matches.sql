with entities as (
    select * from {{ ref('int_match_entities') }}
),

matches as (
    select * from {{ ref('int_account_match_windows') }}
),

subscriptions as (
    select * from {{ ref('int_subscription_mrr') }}
),

versions as (
    select * from {{ ref('policy_versions') }}
),

customer_mrr as (
    select
        customer_id,
        cast(sum(mrr) as decimal(18, 4)) as mrr
    from subscriptions
    where revenue_date = {{ as_of_date() }}
    group by customer_id
),

-- What an entity says only later is not known on the run's own day.
known as (
    select
        entity_type,
        entity_id,
        source_system,
        first_seen_on,
        case when coalesce(reference_known_on, first_seen_on) <= {{ as_of_date() }} then account_reference end as account_reference,
        case when coalesce(domain_known_on, first_seen_on) <= {{ as_of_date() }} then domain end as domain,
        case when coalesce(name_known_on, first_seen_on) <= {{ as_of_date() }} then name_key end as name_key
    from entities
),

final as (
    select
        known.entity_type,
        known.entity_id,
        known.source_system,
        matches.account_id,
        case when matches.account_id is null then 'unmatched' else 'matched' end as match_status,
        case when matches.account_id is not null then matches.match_method end as match_method,
        cast(matches.match_confidence as decimal(5, 4)) as match_confidence,
        cast(coalesce(matches.candidate_accounts, 0) as integer) as candidate_accounts,
        case
            when matches.account_id is not null then 'The ' || matches.match_method || ' belongs to this account alone.'
            when matches.candidate_accounts > 1 then 'Ambiguous: the ' || matches.match_method || ' belongs to several accounts.'
            when known.account_reference is not null then 'The id it carries is not the id of an account.'
            when known.domain is null and known.name_key is null then 'It carries no id, no company domain and no name.'
            else 'No account has its domain or its name.'
        end as reason,
        case when known.entity_type = 'billing_customer' then coalesce(customer_mrr.mrr, 0) end as mrr_at_stake,
        known.first_seen_on,
        versions.policy_version
    from known
    left join matches
        on
            known.entity_type = matches.entity_type
            and known.entity_id = matches.entity_id
            and {{ holds_on('matches', as_of_date()) }}
    left join customer_mrr
        on
            known.entity_type = 'billing_customer'
            and known.entity_id = customer_mrr.customer_id
    left join versions
        on {{ holds_on('versions', as_of_date()) }}
    where known.first_seen_on <= {{ as_of_date() }} or customer_mrr.mrr is not null
)

select * from final
