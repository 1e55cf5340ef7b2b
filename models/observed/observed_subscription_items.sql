with items as (
    select * from {{ ref('subscription_items') }}
),

-- Where the source keeps history itself there is nothing to remember.
rows_now as (
    select
        *,
        valid_from as created_at,
        false as is_taken_off
    from items
    where is_overwritten
),

{{ observed('rows_now', 'subscription_item_id', [
    'subscription_id', 'created_at', 'plan_name', 'is_legacy_plan', 'unit_amount', 'quantity', 'seats', 'currency', 'billing_interval',
    'interval_count', 'is_recurring_fee', 'is_taken_off',
], parent='subscription_id') }}

select * from final
