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

counted as (
    select
        account_snapshots.account_id,
        account_snapshots.snapshot_date,
        account_snapshots.source_system,
        count(contacts.account_id) as contacts_known,
        sum(case when contacts.contact_role = 'executive' then 1 else 0 end) as executives_known,
        max(case when contacts.contact_role in ('executive', 'decision_maker') then 1 else 0 end) as decision_maker_is_known
    from account_snapshots
    left join contacts
        on
            account_snapshots.account_id = contacts.account_id
            and contacts.known_since <= account_snapshots.snapshot_date
    group by account_snapshots.account_id, account_snapshots.snapshot_date, account_snapshots.source_system
),

-- No contact where nobody tells of contacts is not known. They may also come from another system than the account: whoever has one has them told.
told as (
    select
        *,
        {{ is_filled_by('contacts', 'source_system') }} or contacts_known > 0 as contacts_are_told
    from counted
),

final as (
    select
        account_id,
        snapshot_date,
        case when contacts_are_told then executives_known end as executives_known,
        case when contacts_are_told then decision_maker_is_known end as decision_maker_is_known
    from told
)

select * from final
