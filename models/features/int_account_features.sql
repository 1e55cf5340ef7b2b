with business as (
    select * from {{ ref('int_account_business_features') }}
),

experience as (
    select * from {{ ref('int_account_experience_features') }}
),

-- Said so that the keys come once and the other columns need not be named again.
final as (
    select *
    from business
    inner join experience
        using (account_id, snapshot_date) -- noqa: ST07
)

select * from final
