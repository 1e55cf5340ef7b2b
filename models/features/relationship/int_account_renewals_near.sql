with revenue as (
    select * from {{ ref('int_account_revenue') }}
),

parameters as (
    select * from {{ ref('parameters') }}
),

-- Without opportunities in the warehouse nobody can tell a renewal that is prepared from one that is not.
final as (
    select
        revenue.account_id,
        revenue.snapshot_date,
        case
            when {{ is_connected('opportunities') }} and revenue.renews_on is not null
                then case when {{ days_between('revenue.snapshot_date', 'revenue.renews_on') }} <= parameters.parameter_value then 1 else 0 end
        end as renewal_is_near
    from revenue
    inner join parameters
        on
            parameters.parameter = 'renewal_near_days'
            and {{ holds_on('parameters', 'revenue.snapshot_date') }}
)

select * from final
