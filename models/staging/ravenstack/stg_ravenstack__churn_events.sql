{{ config(enabled=system_is_on('ravenstack')) }}

with source as (
    {{ raw_rows('ravenstack', 'churn_events', optional=['is_reactivation']) }}
),

typed as (
    select
        {{ to_text('churn_event_id') }} as raw_key,
        {{ to_text('churn_event_id') }} as churn_event_id,
        {{ to_text('account_id') }} as account_id,
        {{ to_text('churn_date') }} as churn_date_text,
        {{ to_timestamp_day_first('churn_date') }} as churned_at,
        {{ to_boolean('is_reactivation') }} as is_reactivation,
        cast(null as {{ dbt.type_timestamp() }}) as loaded_at
    from source
),

-- The fingerprint is taken of the values as read, so that it is the same for a file that a spreadsheet has rewritten.
fingerprinted as (
    select
        *,
        {{ row_hash([
            'churn_event_id', 'account_id', as_read('churned_at', 'churn_date_text'), 'is_reactivation',
        ]) }} as row_hash
    from typed
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'churn_event_id', 'churn_event_id is null'),
            ('missing_required_value', 'account_id', 'account_id is null'),
            ('missing_required_value', 'churn_date', 'churn_date_text is null'),
            ('not_a_timestamp', 'churn_date', 'churned_at is null'),
            ('implausible_date', 'churn_date', "churned_at < '2000-01-01'"),
        ]) }}
    from fingerprinted
),

final as (
    {{ reject_and_deduplicate('checked', ['churn_event_id']) }}
)

select * from final
