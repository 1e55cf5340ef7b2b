{{ config(enabled=system_is_on('miaad')) }}

with source as (
    {{ raw_rows('miaad', 'product_events', optional=['account_id']) }}
),

typed as (
    select
        {{ to_text('event_id') }} as raw_key,
        {{ to_text('event_id') }} as event_id,
        {{ to_text('account_id') }} as account_id,
        {{ to_text('event_timestamp') }} as event_timestamp_text,
        {{ local_to_utc(to_timestamp_utc('event_timestamp')) }} as occurred_at,
        {{ to_text('event_name') }} as event_name,
        cast(null as {{ dbt.type_timestamp() }}) as loaded_at,
        {{ row_hash(['event_id', 'account_id', 'event_timestamp', 'event_name']) }} as row_hash
    from source
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'event_id', 'event_id is null'),
            ('missing_required_value', 'event_timestamp', 'event_timestamp_text is null'),
            ('not_a_timestamp', 'event_timestamp', 'occurred_at is null'),
            ('implausible_date', 'event_timestamp', "occurred_at < '2000-01-01'"),
            ('missing_required_value', 'event_name', 'event_name is null'),
        ]) }}
    from typed
),

final as (
    {{ reject_and_deduplicate('checked', ['event_id']) }}
)

select * from final
