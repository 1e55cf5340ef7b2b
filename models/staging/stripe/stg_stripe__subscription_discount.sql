{{ config(enabled=system_is_on('stripe')) }}

with source as (
    {{ raw_rows('stripe', 'subscription_discount', optional=['customer_id', 'end']) }}
),

coupons as (
    {{ parent_states(ref('stg_stripe__coupon'), 'id') }}
),

subscriptions as (
    {{ parent_states(ref('stg_stripe__subscription_history'), 'id') }}
),

typed as (
    select
        {{ to_text('id') }} as id,
        {{ to_text('subscription_id') }} as subscription_id,
        {{ to_text('customer_id') }} as customer_id,
        {{ to_text('coupon_id') }} as coupon_id,
        {{ to_timestamp_utc(adapter.quote('start')) }} as starts_at,
        {{ to_text(adapter.quote('start')) }} as starts_at_text,
        {{ to_timestamp_utc(adapter.quote('end')) }} as ends_at,
        {{ to_text(adapter.quote('end')) }} as ends_at_text,
        {{ to_text('id') }} as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash(['id', 'subscription_id', 'customer_id', 'coupon_id', adapter.quote('start'), adapter.quote('end')]) }} as row_hash
    from source
),

checked as (
    select
        typed.*,
        {{ first_rejection([
            ('missing_key', 'id', 'id is null'),
            ('missing_required_value', 'subscription_id', 'subscription_id is null'),
            ('missing_required_value', 'coupon_id', 'coupon_id is null'),
            ('missing_required_value', 'start', 'starts_at_text is null'),
            ('not_a_timestamp', 'start', 'starts_at is null'),
            ('not_a_timestamp', 'end', 'ends_at_text is not null and ends_at is null'),
            ('implausible_date', 'start', "starts_at < '2000-01-01'"),
            ('ends_before_it_starts', 'end', 'ends_at < starts_at'),
            ('orphan', 'coupon_id', 'coupons.parent_key is null'),
            ('orphan', 'subscription_id', 'subscriptions.parent_key is null'),
        ]) }}
    from typed
    left join coupons
        on typed.coupon_id = coupons.parent_key
    left join subscriptions
        on typed.subscription_id = subscriptions.parent_key
),

final as (
    {{ reject_and_deduplicate('checked', ['id']) }}
)

select * from final
