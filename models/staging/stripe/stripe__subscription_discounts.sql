{{ config(enabled=system_is_on('stripe'), materialized='view') }}

with discounts as (
    select * from {{ ref('stg_stripe__subscription_discount') }}
    where rejected_reason is null
),

coupons as (
    select * from {{ ref('stg_stripe__coupon') }}
    where rejected_reason is null
),

currencies as (
    select
        upper(currency) as currency,
        max(minor_unit_digits) as minor_unit_digits
    from {{ ref('currency_rates') }}
    group by upper(currency)
),

-- A discount of one bill is no lower price.
final as (
    select
        {{ source_key('stripe', 'discounts.id') }} as subscription_discount_id,
        'stripe' as source_system,
        {{ source_key('stripe', 'discounts.subscription_id') }} as subscription_id,
        discounts.starts_at as valid_from,
        coalesce(
            discounts.ends_at,
            case
                when coupons.duration = 'repeating'
                    then {{ dbt.dateadd('month', 'coupons.duration_in_months', 'discounts.starts_at') }}
            end
        ) as valid_to,
        coupons.percent_off,
        case
            when coupons.percent_off is null
                then {{ minor_to_major('coupons.amount_off', 'currencies.minor_unit_digits') }}
        end as amount_off
    from discounts
    inner join coupons
        on discounts.coupon_id = coupons.id
    left join currencies
        on upper(coupons.currency) = currencies.currency
    where coalesce(coupons.duration, 'forever') <> 'once'
)

select * from final
