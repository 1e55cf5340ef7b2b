with subscriptions as (
    select * from {{ ref('int_subscription_mrr') }}
),

matches as (
    select * from {{ ref('int_account_match_windows') }}
),

-- Customers without an account keep their money under their own id: every unit of MRR has an owner.
owned as (
    select
        subscriptions.*,
        matches.account_id,
        {{ owner_of('matches.account_id', 'subscriptions.customer_id') }} as owner_id
    from subscriptions
    left join matches
        on
            matches.entity_type = 'billing_customer'
            and subscriptions.customer_id = matches.entity_id
            and {{ holds_on('matches', 'subscriptions.revenue_date') }}
),

final as (
    select
        owner_id,
        revenue_date,
        max(account_id) as account_id,
        max(case when account_id is null then customer_id end) as unmatched_customer_id,
        cast(sum(mrr) as decimal(18, 4)) as mrr,
        cast(sum(seats) as integer) as seats,
        max(is_sold_by_seat) as is_sold_by_seat,
        count(distinct subscription_id) as active_subscriptions
    from owned
    group by owner_id, revenue_date
)

select * from final
