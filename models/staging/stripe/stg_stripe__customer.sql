{{ config(enabled=system_is_on('stripe')) }}

with source as (
    {{ raw_rows('stripe', 'customer', optional=['name', 'email', 'metadata', 'currency', 'is_deleted', 'livemode']) }}
),

typed as (
    select
        {{ to_text('id') }} as id,
        {{ to_text('name') }} as name,
        {{ to_text('email') }} as email,
        {{ to_text('metadata') }} as metadata,
        {{ to_text('currency') }} as currency,
        {{ to_timestamp_utc('created') }} as created,
        {{ to_text('created') }} as created_text,
        {{ to_boolean('is_deleted') }} as is_deleted,
        {{ to_boolean('livemode') }} as livemode,
        {{ to_text('id') }} as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash(['id', 'name', 'email', 'metadata', 'currency', 'created', 'is_deleted', 'livemode']) }} as row_hash
    from source
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'id', 'id is null'),
            ('missing_required_value', 'created', 'created_text is null'),
            ('not_a_timestamp', 'created', 'created is null'),
            ('implausible_date', 'created', "created < '2000-01-01'"),
        ]) }}
    from typed
),

final as (
    {{ reject_and_deduplicate('checked', ['id']) }}
)

select * from final
