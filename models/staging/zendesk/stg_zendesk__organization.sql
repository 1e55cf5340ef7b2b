{{ config(enabled=system_is_on('zendesk')) }}

with source as (
    {{ raw_rows('zendesk', 'organization', optional=['name', 'external_id']) }}
),

typed as (
    select
        {{ to_text('id') }} as id,
        {{ to_text('name') }} as name,
        {{ to_text('external_id') }} as external_id,
        {{ to_timestamp_utc('created_at') }} as created_at,
        {{ to_text('created_at') }} as created_at_text,
        {{ to_text('id') }} as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash(['id', 'name', 'external_id', 'created_at']) }} as row_hash
    from source
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'id', 'id is null'),
            ('missing_required_value', 'created_at', 'created_at_text is null'),
            ('not_a_timestamp', 'created_at', 'created_at is null'),
            ('implausible_date', 'created_at', "created_at < '2000-01-01'"),
        ]) }}
    from typed
),

final as (
    {{ reject_and_deduplicate('checked', ['id']) }}
)

select * from final
