with matches as (
    select * from {{ ref('int_account_match_windows') }}
    where entity_type = 'workspace' and account_id is not null
),

entities as (
    select * from {{ ref('int_match_entities') }}
    where entity_type = 'workspace'
),

digests as (
    select * from {{ ref('int_usage_digests') }}
    where owner_type = 'day'
),

-- Before the first event of a system nobody looked, whoever the customers were. The digests of the days know it without reading events again.
sources as (
    select
        owner_id as source_system,
        min(since) as observed_from
    from digests
    group by owner_id
),

final as (
    select
        matches.account_id,
        matches.entity_id as workspace_id,
        matches.valid_from,
        matches.valid_to,
        sources.observed_from
    from matches
    inner join entities
        on matches.entity_id = entities.entity_id
    inner join sources
        on entities.source_system = sources.source_system
)

select * from final
