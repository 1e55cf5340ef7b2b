with account_snapshots as (
    select * from {{ ref('int_account_snapshots') }}
),

opportunities as (
    select * from {{ ref('int_opportunity_versions') }}
    where account_id is not null
),

final as (
    select
        account_snapshots.account_id,
        account_snapshots.snapshot_date,
        sum(case when opportunities.opportunity_type = 'new_business' then 1 else 0 end) as open_new_business_opportunities,
        sum(case when opportunities.opportunity_type = 'renewal' then 1 else 0 end) as open_renewal_opportunities,
        sum(case when opportunities.opportunity_type = 'expansion' then 1 else 0 end) as open_expansion_opportunities
    from account_snapshots
    inner join opportunities
        on
            account_snapshots.account_id = opportunities.account_id
            and {{ holds_on('opportunities', 'account_snapshots.snapshot_date') }}
            and {{ holds_on('opportunities', 'account_snapshots.snapshot_date', 'opened_on', 'closed_on') }}
    group by account_snapshots.account_id, account_snapshots.snapshot_date
)

select * from final
