with candidates as (
    select * from {{ ref('int_match_candidates') }}
),

methods as (
    select * from {{ ref('match_methods') }}
),

-- Every date on which the answer can change, per entity; between two of them it stands still.
changes as (
    select entity_type, entity_id, valid_from as changed_on from candidates
    union
    select entity_type, entity_id, valid_to from candidates
    where valid_to is not null
    union
    select candidates.entity_type, candidates.entity_id, methods.valid_from
    from candidates
    inner join methods
        on candidates.valid_from < methods.valid_from
    union
    -- A method may end without a successor: what it matched alone is matched no longer.
    select candidates.entity_type, candidates.entity_id, methods.valid_to
    from candidates
    inner join methods
        on candidates.valid_from < methods.valid_to
),

windows as (
    select
        entity_type,
        entity_id,
        changed_on as valid_from,
        lead(changed_on) over (partition by entity_type, entity_id order by changed_on) as valid_to
    from changes
),

by_method as (
    select
        windows.entity_type,
        windows.entity_id,
        windows.valid_from,
        windows.valid_to,
        candidates.match_method,
        methods.match_order,
        methods.confidence,
        count(distinct candidates.account_id) as candidate_accounts,
        min(candidates.account_id) as account_id
    from windows
    inner join candidates
        on
            windows.entity_type = candidates.entity_type
            and windows.entity_id = candidates.entity_id
            and {{ holds_on('candidates', 'windows.valid_from') }}
    inner join methods
        on
            candidates.match_method = methods.match_method
            and {{ holds_on('methods', 'windows.valid_from') }}
    group by
        windows.entity_type, windows.entity_id, windows.valid_from, windows.valid_to,
        candidates.match_method, methods.match_order, methods.confidence
),

-- A method that points to several accounts decides nothing: the next one may, else the entity stays unmatched and says so.
ranked as (
    select
        *,
        row_number() over (
            partition by entity_type, entity_id, valid_from
            order by case when candidate_accounts = 1 then 0 else 1 end, match_order
        ) as preference
    from by_method
),

final as (
    select
        entity_type,
        entity_id,
        valid_from,
        valid_to,
        case when candidate_accounts = 1 then account_id end as account_id,
        match_method,
        case when candidate_accounts = 1 then confidence end as match_confidence,
        candidate_accounts
    from ranked
    where preference = 1
)

select * from final
