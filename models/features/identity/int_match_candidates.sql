with entities as (
    select * from {{ ref('int_match_entities') }}
),

keys as (
    select * from {{ ref('int_match_keys') }}
),

entity_keys as (
    select entity_type, entity_id, 'external_id' as match_method, account_reference as match_key, reference_known_on as known_on from entities
    where account_reference is not null
    union all
    select entity_type, entity_id, 'domain', domain, domain_known_on from entities
    where domain is not null
    union all
    select entity_type, entity_id, 'name', name_key, name_known_on from entities
    where name_key is not null
),

pointed as (
    select
        entity_keys.entity_type,
        entity_keys.entity_id,
        entity_keys.match_method,
        keys.account_id,
        case when entity_keys.known_on > keys.valid_from then entity_keys.known_on else keys.valid_from end as valid_from,
        keys.valid_to
    from entity_keys
    inner join keys
        on
            entity_keys.match_method = keys.match_method
            and entity_keys.match_key = keys.match_key
    -- What an entity said only after the key was no longer the account's never pointed to it.
    where
        entity_keys.known_on is null
        or keys.valid_to is null
        or entity_keys.known_on < keys.valid_to
),

-- An account may have a key twice, its own and that of an account merged into it: from one day on, until the later end.
final as (
    select
        entity_type,
        entity_id,
        match_method,
        account_id,
        valid_from,
        case when count(valid_to) = count(*) then max(valid_to) end as valid_to
    from pointed
    group by entity_type, entity_id, match_method, account_id, valid_from
)

select * from final
