{{ config(enabled=system_is_on('stripe')) }}

with source as (
    {{ raw_rows('stripe', 'product', optional=[
        'name', 'active', 'unit_label', 'metadata', 'is_deleted', 'created',
    ]) }}
),

typed as (
    select
        {{ to_text('id') }} as id,
        {{ to_text('name') }} as name,
        {{ to_boolean('active') }} as active,
        {{ to_text('unit_label') }} as unit_label,
        {{ to_text('metadata') }} as metadata,
        {{ to_boolean('is_deleted') }} as is_deleted,
        {{ to_timestamp_utc('created') }} as created,
        {{ to_text('id') }} as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash(['id', 'name', 'active', 'unit_label', 'metadata', 'is_deleted', 'created']) }} as row_hash
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
