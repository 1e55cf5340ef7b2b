with families as (
    select * from {{ ref('int_health_families') }}
),

history as (
    select * from {{ ref('int_health_history') }}
),

features as (
    select * from {{ ref('account_features') }}
),

bands as (
    select * from {{ ref('int_bands') }}
    where band_set = 'health'
),

versions as (
    select * from {{ ref('policy_versions') }}
),

members as (
    select
        families.*,
        history.profile,
        history.health_score,
        coalesce(features.mrr, 0) as mrr,
        case when history.health_score is not null then coalesce(features.mrr, 0) else 0 end as mrr_scored,
        row_number() over (
            partition by families.parent_account_id, families.snapshot_date
            order by case when history.health_score is null then 1 else 0 end, history.health_score, {{ binary_order('families.account_id') }}
        ) as worst_first
    from families
    left join history
        on families.account_id = history.account_id and families.snapshot_date = history.snapshot_date
    left join features
        on families.account_id = features.account_id and families.snapshot_date = features.snapshot_date
),

summed as (
    select
        parent_account_id,
        snapshot_date,
        max(case when is_current then 1 else 0 end) = 1 as is_current,
        count(*) as accounts,
        cast(sum(case when profile is not null then 1 else 0 end) as bigint) as customers,
        count(health_score) as accounts_scored,
        cast(sum(mrr) as decimal(18, 4)) as mrr,
        cast(sum(mrr_scored) as decimal(18, 4)) as mrr_scored,
        sum(cast(100 * health_score as integer) * cast(mrr_scored as decimal(18, 4))) as weighted_hundredths,
        max(case when account_id = parent_account_id then health_score end) as own_score,
        max(case when worst_first = 1 then health_score end) as lowest_score,
        max(case when worst_first = 1 and health_score is not null then account_id end) as lowest_account_id
    from members
    group by parent_account_id, snapshot_date
),

-- Who pays more counts more; of who pays nothing no average is made.
scored as (
    select
        *,
        cast({{ divide_exact('weighted_hundredths', '100 * mrr_scored', 2) }} as decimal(5, 2)) as family_score
    from summed
),

final as (
    select
        scored.parent_account_id,
        scored.snapshot_date,
        scored.is_current,
        scored.family_score,
        bands.band as family_band,
        case
            when scored.family_score is not null then 'scored'
            when scored.customers = 0 then 'no_customer'
            when scored.accounts_scored = 0 then 'not_scored'
            else 'no_revenue'
        end as family_status,
        scored.own_score,
        scored.lowest_score,
        scored.lowest_account_id,
        scored.accounts,
        scored.customers,
        scored.accounts_scored,
        scored.mrr,
        cast({{ divide_exact('scored.mrr_scored', 'scored.mrr', 4) }} as decimal(5, 4)) as coverage,
        versions.policy_version
    from scored
    left join versions
        on {{ holds_on('versions', 'scored.snapshot_date') }}
    left join bands
        on
            {{ holds_on('bands', 'scored.snapshot_date') }}
            and {{ in_band('scored.family_score', 'bands') }}
)

select * from final
