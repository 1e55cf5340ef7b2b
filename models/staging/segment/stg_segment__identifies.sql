{{ config(enabled=system_is_on('segment')) }}

with source as (
    {{ raw_rows('segment', 'identifies', optional=['email', 'name', 'role']) }}
),

typed as (
    select
        {{ to_text('id') }} as id,
        {{ to_text('user_id') }} as user_id,
        {{ to_text('email') }} as email,
        {{ to_text('name') }} as name,
        {{ to_text('role') }} as role,
        {{ to_timestamp_utc(adapter.quote('timestamp')) }} as occurred_at,
        {{ to_text(adapter.quote('timestamp')) }} as occurred_at_text,
        {{ to_text('id') }} as raw_key,
        {{ to_timestamp_utc('received_at') }} as loaded_at,
        {{ row_hash(['id', 'user_id', 'email', 'name', 'role', adapter.quote('timestamp')]) }} as row_hash
    from source
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'id', 'id is null'),
            ('missing_required_value', 'user_id', 'user_id is null'),
            ('missing_required_value', 'timestamp', 'occurred_at_text is null'),
            ('not_a_timestamp', 'timestamp', 'occurred_at is null'),
            ('implausible_date', 'timestamp', "occurred_at < '2000-01-01'"),
            ('received_before_it_happened', 'timestamp', "occurred_at > " ~ dbt.dateadd("day", 1, "loaded_at")),
        ]) }}
    from typed
),

final as (
    {{ reject_and_deduplicate('checked', ['id']) }}
)

select * from final
