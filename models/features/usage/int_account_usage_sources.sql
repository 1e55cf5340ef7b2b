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

catalogue as (
    select * from {{ ref('feature_catalogue') }}
),

-- Before the first event of a system nobody looked, whoever the customers were. The digests of the days know it without reading events again.
sources as (
    select
        owner_id as source_system,
        min(since) as observed_from
    from digests
    group by owner_id
),

-- What kinds of use a system tells of: one that the catalogue names no failure of does not say that nothing fails.
kinds as (
    select
        source_system,
        max(case when feature is not null then 1 else 0 end) as tells_features,
        max(case when is_core then 1 else 0 end) as tells_core,
        max(case when is_advanced then 1 else 0 end) as tells_advanced,
        max(case when is_admin then 1 else 0 end) as tells_admin,
        max(case when is_self_service then 1 else 0 end) as tells_self_service,
        max(case when is_failure then 1 else 0 end) as tells_failures
    from catalogue
    group by source_system
),

final as (
    select
        matches.account_id,
        matches.entity_id as workspace_id,
        matches.valid_from,
        matches.valid_to,
        sources.observed_from,
        coalesce(kinds.tells_features, 0) as tells_features,
        coalesce(kinds.tells_core, 0) as tells_core,
        coalesce(kinds.tells_advanced, 0) as tells_advanced,
        coalesce(kinds.tells_admin, 0) as tells_admin,
        coalesce(kinds.tells_self_service, 0) as tells_self_service,
        coalesce(kinds.tells_failures, 0) as tells_failures
    from matches
    inner join entities
        on matches.entity_id = entities.entity_id
    inner join sources
        on entities.source_system = sources.source_system
    left join kinds
        on entities.source_system = kinds.source_system
)

select * from final
