{{ config(enabled=system_is_on('stripe'), materialized='view') }}

with items as (
    select * from {{ ref('stg_stripe__subscription_item') }}
    where rejected_reason is null
),

prices as (
    select * from {{ ref('stg_stripe__price') }}
    where rejected_reason is null
),

products as (
    select * from {{ ref('stg_stripe__product') }}
    where rejected_reason is null
),

currencies as (
    select
        upper(currency) as currency,
        max(minor_unit_digits) as minor_unit_digits
    from {{ ref('currency_rates') }}
    group by upper(currency)
),

numbered as (
    select
        *,
        coalesce(_fivetran_start, created) as held_from,
        case when _fivetran_end < '9999-01-01' then _fivetran_end end as held_to,
        max(_fivetran_start) over (partition by id) is null as is_overwritten,
        row_number() over (partition by id order by coalesce(_fivetran_start, created), loaded_at, row_hash) as version_number
    from items
),

-- The first version holds from the day the item was created; none holds from earlier.
started as (
    select
        *,
        case
            when version_number = 1 or held_from < created then coalesce(created, held_from)
            else held_from
        end as valid_from
    from numbered
),

ranked as (
    select
        *,
        row_number() over (partition by id, valid_from order by version_number desc) as rank_at_start
    from started
),

followed as (
    select
        *,
        lead(valid_from) over (partition by id order by valid_from) as next_from
    from ranked
    where rank_at_start = 1
),

-- The connector ends a version a moment before the next: that is no gap. An item taken off leaves its end without a successor.
windows as (
    select
        *,
        case
            when held_to is null or next_from <= {{ dbt.dateadd('second', 1, 'held_to') }} then next_from
            else held_to
        end as valid_to
    from followed
),

final as (
    select
        {{ source_key('stripe', 'windows.id') }} as subscription_item_id,
        'stripe' as source_system,
        {{ source_key('stripe', 'windows.subscription_id') }} as subscription_id,
        windows.valid_from,
        windows.valid_to,
        coalesce(products.name, prices.nickname, prices.id) as plan_name,
        not coalesce(products.active, true) or coalesce({{ to_boolean(json_text('products.metadata', 'legacy')) }}, false) as is_legacy_plan,
        {{ minor_to_major('coalesce(prices.unit_amount_decimal, prices.unit_amount)', 'currencies.minor_unit_digits') }} as unit_amount,
        coalesce(windows.quantity, 1) as quantity,
        case
            when
                lower(products.unit_label) in ('seat', 'seats', 'user', 'users', 'license', 'licenses', 'licence', 'licences')
                or {{ to_boolean(json_text('products.metadata', 'per_seat')) }}
                then coalesce(windows.quantity, 1)
        end as seats,
        currencies.currency,
        coalesce(lower(prices.recurring_interval), 'month') as billing_interval,
        coalesce(prices.recurring_interval_count, 1) as interval_count,
        coalesce(prices.type, 'recurring') <> 'one_time' and coalesce(prices.recurring_usage_type, 'licensed') = 'licensed' as is_recurring_fee,
        windows.is_overwritten
    from windows
    inner join prices
        on windows.plan_id = prices.id
    inner join currencies
        on upper(prices.currency) = currencies.currency
    left join products
        on prices.product_id = products.id
    where windows.valid_to is null or windows.valid_to > windows.valid_from
)

select * from final
