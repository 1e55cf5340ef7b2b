with accounts as (
    select * from {{ ref('accounts') }}
),

final as (
    select
        account_id,
        source_system,
        source_account_id,
        account_number,
        {{ local_date('created_at') }} as born_on,
        {{ local_date('deleted_at') }} as died_on,
        merged_into_account_id as successor_account_id
    from accounts
)

select * from final
