with accounts as (
    select * from {{ ref('accounts') }}
),

-- An account may have been merged into one that was merged later itself: follow two steps.
final as (
    select
        accounts.account_id,
        accounts.source_system,
        accounts.source_account_id,
        accounts.account_number,
        {{ local_date('accounts.created_at') }} as born_on,
        {{ local_date('accounts.deleted_at') }} as died_on,
        coalesce(master.merged_into_account_id, accounts.merged_into_account_id) as successor_account_id
    from accounts
    left join accounts as master
        on accounts.merged_into_account_id = master.account_id
)

select * from final
