{{ config(enabled=system_is_on('zendesk')) }}

with source as (
    {{ raw_rows('zendesk', 'user', optional=['organization_id', 'email', 'name', 'role', 'created_at']) }}
),

typed as (
    select
        {{ to_text('id') }} as id,
        {{ to_text('organization_id') }} as organization_id,
        {{ to_text('email') }} as email,
        {{ to_text('name') }} as name,
        {{ to_text('role') }} as role,
        {{ to_timestamp_utc('created_at') }} as created_at,
        {{ to_text('id') }} as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash(['id', 'organization_id', 'email', 'name', 'role', 'created_at']) }} as row_hash
    from source
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'id', 'id is null'),
        ]) }}
    from typed
),

final as (
    {{ reject_and_deduplicate('checked', ['id']) }}
)

select * from final
