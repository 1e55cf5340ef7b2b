{{ config(enabled=system_is_on('salesforce')) }}

with source as (
    {{ raw_rows('salesforce', 'user', optional=[
        'name', 'email', 'title', 'is_active', 'user_role_id', '_fivetran_deleted',
    ]) }}
),

typed as (
    select
        {{ to_text('id') }} as id,
        {{ to_text('name') }} as name,
        {{ to_text('email') }} as email,
        {{ to_text('title') }} as title,
        {{ to_boolean('is_active') }} as is_active,
        {{ to_text('user_role_id') }} as user_role_id,
        {{ to_boolean('_fivetran_deleted') }} as _fivetran_deleted,
        {{ to_text('id') }} as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash(['id', 'name', 'email', 'title', 'is_active', 'user_role_id', '_fivetran_deleted']) }} as row_hash
    from source
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'id', 'id is null'),
            ('deleted_in_source', '_fivetran_deleted', '_fivetran_deleted'),
        ]) }}
    from typed
),

final as (
    {{ reject_and_deduplicate('checked', ['id']) }}
)

select * from final
