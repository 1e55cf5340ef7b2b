with snapshots as (
    select * from {{ ref('int_snapshots') }}
),

attributes as (
    select * from {{ ref('int_account_attributes') }}
    where parent_account_id is not null
),

lives as (
    select * from {{ ref('int_account_lives') }}
),

-- Who belonged to whom on the day, by what the CRM said then.
children as (
    select
        attributes.parent_account_id,
        snapshots.snapshot_date,
        snapshots.is_current,
        attributes.account_id
    from attributes
    inner join snapshots
        on {{ holds_on('attributes', 'snapshots.snapshot_date') }}
    inner join lives
        on
            attributes.account_id = lives.account_id
            and {{ holds_on('lives', 'snapshots.snapshot_date', 'born_on', 'died_on') }}
    inner join lives as parent_lives
        on
            attributes.parent_account_id = parent_lives.account_id
            and {{ holds_on('parent_lives', 'snapshots.snapshot_date', 'born_on', 'died_on') }}
    where attributes.account_id <> attributes.parent_account_id
),

-- The parent is one of its family.
final as (
    select
        parent_account_id,
        snapshot_date,
        is_current,
        account_id
    from children
    union
    select
        parent_account_id,
        snapshot_date,
        is_current,
        parent_account_id as account_id
    from children
)

select * from final
