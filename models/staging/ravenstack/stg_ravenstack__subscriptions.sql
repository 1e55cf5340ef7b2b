{{ config(enabled=system_is_on('ravenstack')) }}

with source as (
    {{ raw_rows('ravenstack', 'subscriptions', optional=['end_date', 'plan_tier', 'seats', 'billing_frequency', 'is_trial', 'churn_flag']) }}
),

typed as (
    select
        {{ to_text('subscription_id') }} as raw_key,
        {{ to_text('subscription_id') }} as subscription_id,
        {{ to_text('account_id') }} as account_id,
        {{ to_text('start_date') }} as start_date_text,
        {{ to_timestamp_day_first('start_date') }} as started_at,
        {{ to_text('end_date') }} as end_date_text,
        {{ to_timestamp_day_first('end_date') }} as ended_at,
        {{ to_text('plan_tier') }} as plan_tier,
        {{ to_integer('seats') }} as seats,
        {{ to_text('mrr_amount') }} as mrr_text,
        {{ to_decimal('mrr_amount') }} as mrr_amount,
        lower({{ to_text('billing_frequency') }}) as billing_frequency,
        {{ to_boolean('is_trial') }} as is_trial,
        {{ to_boolean('churn_flag') }} as is_flagged_churned,
        cast(null as {{ dbt.type_timestamp() }}) as loaded_at
    from source
),

-- The fingerprint is taken of the values as read, so that it is the same for a file that a spreadsheet has rewritten.
fingerprinted as (
    select
        *,
        {{ row_hash([
            'subscription_id', 'account_id', as_read('started_at', 'start_date_text'),
            as_read('ended_at', 'end_date_text'), 'plan_tier', 'seats',
            as_read('mrr_amount', 'mrr_text'), 'billing_frequency', 'is_trial', 'is_flagged_churned',
        ]) }} as row_hash
    from typed
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'subscription_id', 'subscription_id is null'),
            ('missing_required_value', 'account_id', 'account_id is null'),
            ('missing_required_value', 'start_date', 'start_date_text is null'),
            ('not_a_timestamp', 'start_date', 'started_at is null'),
            ('implausible_date', 'start_date', "started_at < '2000-01-01'"),
            ('not_a_timestamp', 'end_date', 'end_date_text is not null and ended_at is null'),
            ('ends_before_it_starts', 'end_date', 'ended_at < started_at'),
            ('missing_required_value', 'mrr_amount', 'mrr_text is null'),
            ('not_a_number', 'mrr_amount', 'mrr_amount is null'),
            ('negative_amount', 'mrr_amount', 'mrr_amount < 0'),
            ('out_of_range', 'mrr_amount', 'mrr_amount >= 1e11'),
        ]) }}
    from fingerprinted
),

final as (
    {{ reject_and_deduplicate('checked', ['subscription_id']) }}
)

select * from final
