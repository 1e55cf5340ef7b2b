with lives as (
    select * from {{ ref('int_account_lives') }}
),

heirs as (
    select * from {{ ref('int_account_heirs') }}
),

attributes as (
    select * from {{ ref('int_account_attributes') }}
),

generic_domains as (
    select * from {{ ref('generic_email_domains') }}
),

short_ids as (
    select
        account_id,
        {{ short_account_id('source_system', 'source_account_id') }} as short_id,
        born_on,
        died_on
    from lives
),

external_ids as (
    select account_id, 'external_id' as match_method, source_account_id as match_key, born_on as valid_from, died_on as valid_to from lives
    union all
    select account_id, 'external_id', account_id, born_on, died_on from lives
    union all
    select account_id, 'external_id', account_number, born_on, died_on from lives
    where account_number is not null
    union all
    select account_id, 'external_id', short_id, born_on, died_on from short_ids
    where short_id is not null
),

domains as (
    select attributes.account_id, 'domain' as match_method, {{ lower_case('attributes.domain') }} as match_key, attributes.valid_from, attributes.valid_to
    from attributes
    left join generic_domains
        on {{ lower_case('attributes.domain') }} = generic_domains.domain
    where attributes.domain is not null and generic_domains.domain is null
),

names as (
    select account_id, 'name' as match_method, {{ name_key('account_name') }} as match_key, valid_from, valid_to
    from attributes
    where account_name is not null
),

keys as (
    select * from external_ids
    union all
    select * from domains
    union all
    select * from names
),

-- A key ends with its account; what belonged to a merged account belongs to its heirs, one after the other.
living as (
    select
        keys.account_id,
        keys.match_method,
        keys.match_key,
        keys.valid_from,
        {{ earlier_end('keys.valid_to', 'lives.died_on') }} as valid_to
    from keys
    inner join lives
        on keys.account_id = lives.account_id
),

inherited as (
    select
        heirs.heir_account_id as account_id,
        keys.match_method,
        keys.match_key,
        heirs.valid_from,
        heirs.valid_to
    from keys
    inner join lives
        on keys.account_id = lives.account_id
    inner join heirs
        on keys.account_id = heirs.account_id
    where keys.valid_to is null or keys.valid_to >= lives.died_on
),

held as (
    select * from living
    union all
    select * from inherited
),

-- Whoever takes over a key on the day that a row of its own with that key begins holds it once, until the later end.
final as (
    select
        account_id,
        match_method,
        match_key,
        valid_from,
        case when count(valid_to) = count(*) then max(valid_to) end as valid_to
    from held
    group by account_id, match_method, match_key, valid_from
)

select * from final
