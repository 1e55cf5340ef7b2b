with account_snapshots as (
    select * from {{ ref('int_account_snapshots') }}
),

spells as (
    select * from {{ ref('int_account_paid_spells') }}
),

-- Spells as they looked on the day: one that ends later was still running.
seen as (
    select
        account_snapshots.account_id,
        account_snapshots.snapshot_date,
        min(spells.started_on) as first_paid_on,
        max(spells.started_on) as last_started_on,
        count(*) as spells_started,
        max(case when spells.ended_on is null or spells.ended_on > account_snapshots.snapshot_date then 1 else 0 end) as is_customer,
        max(case when spells.ended_on <= account_snapshots.snapshot_date then spells.ended_on end) as last_ended_on
    from account_snapshots
    inner join spells
        on
            account_snapshots.account_id = spells.account_id
            and spells.started_on <= account_snapshots.snapshot_date
    group by account_snapshots.account_id, account_snapshots.snapshot_date
),

final as (
    select
        account_id,
        snapshot_date,
        is_customer,
        case when last_ended_on is null then 0 else 1 end as has_churned_before,
        first_paid_on,
        case when is_customer = 1 then last_started_on end as paid_again_on,
        case when is_customer = 0 then last_ended_on end as churned_on
    from seen
)

select * from final
