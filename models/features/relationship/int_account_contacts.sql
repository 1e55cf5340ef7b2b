with account_snapshots as (
    select * from {{ ref('int_account_snapshots') }}
),

contacts as (
    select
        account_id,
        contact_role,
        {{ local_date('created_at') }} as known_since
    from {{ ref('contacts') }}
),

final as (
    select
        account_snapshots.account_id,
        account_snapshots.snapshot_date,
        count(contacts.account_id) as contacts_known,
        sum(case when contacts.contact_role = 'executive' then 1 else 0 end) as executives_known,
        max(case when contacts.contact_role in ('executive', 'decision_maker') then 1 else 0 end) as decision_maker_is_known
    from account_snapshots
    left join contacts
        on
            account_snapshots.account_id = contacts.account_id
            and contacts.known_since <= account_snapshots.snapshot_date
    group by account_snapshots.account_id, account_snapshots.snapshot_date
)

select * from final
