{{ config(enabled=system_is_on('ravenstack')) }}

with source as (
    {{ raw_rows('ravenstack', 'accounts', optional=['account_name', 'industry', 'country', 'plan_tier', 'seats', 'is_trial', 'churn_flag']) }}
),

typed as (
    select
        {{ to_text('account_id') }} as raw_key,
        {{ to_text('account_id') }} as account_id,
        {{ to_text('account_name') }} as account_name,
        {{ to_text('industry') }} as industry,
        {{ to_text('country') }} as country,
        {{ to_text('signup_date') }} as signup_date_text,
        {{ to_timestamp_day_first('signup_date') }} as signed_up_at,
        {{ to_text('plan_tier') }} as plan_tier,
        {{ to_integer('seats') }} as seats,
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
            'account_id', 'account_name', 'industry', 'country', as_read('signed_up_at', 'signup_date_text'),
            'plan_tier', 'seats', 'is_trial', 'is_flagged_churned',
        ]) }} as row_hash
    from typed
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'account_id', 'account_id is null'),
            ('missing_required_value', 'signup_date', 'signup_date_text is null'),
            ('not_a_timestamp', 'signup_date', 'signed_up_at is null'),
            ('implausible_date', 'signup_date', "signed_up_at < '2000-01-01'"),
        ]) }}
    from fingerprinted
),

final as (
    {{ reject_and_deduplicate('checked', ['account_id']) }}
)

select * from final
