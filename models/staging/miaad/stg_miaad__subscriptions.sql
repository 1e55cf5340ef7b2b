{{ config(enabled=system_is_on('miaad')) }}

with source as (
    {{ raw_rows('miaad', 'subscriptions', optional=['conversion_date', 'plan_name', 'cancel_date']) }}
),

typed as (
    select
        {{ to_text('subscription_id') }} as raw_key,
        {{ to_text('subscription_id') }} as subscription_id,
        {{ to_text('account_id') }} as account_id,
        {{ to_text('trial_start_date') }} as trial_start_text,
        {{ local_to_utc(to_timestamp_utc('trial_start_date')) }} as trial_started_at,
        {{ to_text('conversion_date') }} as conversion_text,
        {{ local_to_utc(to_timestamp_utc('conversion_date')) }} as converted_at,
        {{ to_text('plan_name') }} as plan_name,
        {{ to_text('monthly_recurring_revenue') }} as mrr_text,
        {{ to_decimal('monthly_recurring_revenue') }} as monthly_recurring_revenue,
        {{ to_text('cancel_date') }} as cancel_text,
        {{ local_to_utc(to_timestamp_utc('cancel_date')) }} as cancelled_at,
        cast(null as {{ dbt.type_timestamp() }}) as loaded_at,
        {{ row_hash([
            'subscription_id', 'account_id', 'trial_start_date', 'conversion_date', 'plan_name',
            'monthly_recurring_revenue', 'cancel_date',
        ]) }} as row_hash
    from source
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'subscription_id', 'subscription_id is null'),
            ('missing_required_value', 'account_id', 'account_id is null'),
            ('missing_required_value', 'trial_start_date', 'trial_start_text is null'),
            ('not_a_timestamp', 'trial_start_date', 'trial_started_at is null'),
            ('implausible_date', 'trial_start_date', "trial_started_at < '2000-01-01'"),
            ('not_a_timestamp', 'conversion_date', 'conversion_text is not null and converted_at is null'),
            ('not_a_timestamp', 'cancel_date', 'cancel_text is not null and cancelled_at is null'),
            ('ends_before_it_starts', 'conversion_date', 'converted_at < trial_started_at'),
            ('ends_before_it_starts', 'cancel_date', 'cancelled_at < coalesce(converted_at, trial_started_at)'),
            ('missing_required_value', 'monthly_recurring_revenue', 'converted_at is not null and mrr_text is null'),
            ('not_a_number', 'monthly_recurring_revenue', 'mrr_text is not null and monthly_recurring_revenue is null'),
            ('negative_amount', 'monthly_recurring_revenue', 'monthly_recurring_revenue < 0'),
            ('out_of_range', 'monthly_recurring_revenue', 'monthly_recurring_revenue >= 1e11'),
        ]) }}
    from typed
),

final as (
    {{ reject_and_deduplicate('checked', ['subscription_id']) }}
)

select * from final
