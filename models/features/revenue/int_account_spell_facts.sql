with account_snapshots as (
    select * from {{ ref('int_account_snapshots') }}
),

spells as (
    select * from {{ ref('int_account_paid_spells') }}
),

-- Spells as they looked on the day: one that ends later was still running. In a gap, however short it will be, nobody is a customer; after a short one it is forgotten.
seen as (
    select
        account_snapshots.account_id,
        account_snapshots.snapshot_date,
        min(spells.started_on) as first_paid_on,
        max(spells.run_started_on) as run_started_on,
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
        case when last_ended_on is null or (is_customer = 1 and run_started_on = first_paid_on) then 0 else 1 end as has_churned_before,
        first_paid_on,
        case when is_customer = 1 then run_started_on end as paid_again_on,
        case when is_customer = 0 then last_ended_on end as churned_on
    from seen
)

select * from final
