{{ config(enabled=system_is_on('miaad')) }}

with source as (
    {{ raw_rows('miaad', 'accounts', optional=['country', 'industry', 'company_size']) }}
),

typed as (
    select
        {{ to_text('account_id') }} as raw_key,
        {{ to_text('account_id') }} as account_id,
        {{ to_text('signup_date') }} as signup_date_text,
        {{ local_to_utc(to_timestamp_utc('signup_date')) }} as signed_up_at,
        {{ to_text('country') }} as country,
        {{ to_text('industry') }} as industry,
        {{ to_text('company_size') }} as company_size,
        {{ to_integer('trial_days') }} as trial_days,
        cast(null as {{ dbt.type_timestamp() }}) as loaded_at,
        {{ row_hash(['account_id', 'signup_date', 'country', 'industry', 'company_size', 'trial_days']) }} as row_hash
    from source
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
    from typed
),

final as (
    {{ reject_and_deduplicate('checked', ['account_id']) }}
)

select * from final
