{{ config(enabled=system_is_on('segment'), materialized='view') }}

with source as (
    {{ raw_rows('segment', 'tracks', optional=['user_id', 'context_group_id']) }}
),

typed as (
    select
        nullif(cast(id as {{ dbt.type_string() }}), '') as id,
        nullif(cast(user_id as {{ dbt.type_string() }}), '') as user_id,
        nullif(cast(context_group_id as {{ dbt.type_string() }}), '') as context_group_id,
        nullif(cast(event as {{ dbt.type_string() }}), '') as event,
        {{ to_timestamp_utc(adapter.quote('timestamp')) }} as occurred_at,
        {{ adapter.quote('timestamp') }} is null as has_no_timestamp,
        {{ to_timestamp_utc('received_at') }} as loaded_at
    from source
),

final as (
    select
        *,
        {{ text_hash('id') }} as id_hash,
        {{ first_rejection([
            ('missing_key', 'id', 'id is null'),
            ('missing_required_value', 'event', 'event is null'),
            ('missing_required_value', 'timestamp', 'has_no_timestamp'),
            ('not_a_timestamp', 'timestamp', 'occurred_at is null'),
            ('implausible_date', 'timestamp', "occurred_at < '2000-01-01'"),
            ('received_before_it_happened', 'timestamp', "occurred_at > " ~ dbt.dateadd("day", 1, "loaded_at")),
        ]) }}
    from typed
)

select * from final
