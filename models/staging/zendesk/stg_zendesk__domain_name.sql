{{ config(enabled=system_is_on('zendesk')) }}

with source as (
    {{ raw_rows('zendesk', 'domain_name', optional=['index']) }}
),

typed as (
    select
        {{ to_text('organization_id') }} as organization_id,
        {{ to_integer(adapter.quote('index')) }} as domain_position,
        {{ to_text('domain_name') }} as domain_name,
        {{ to_text('organization_id') }} || coalesce('|' || {{ to_text(adapter.quote('index')) }}, '') as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash(['organization_id', adapter.quote('index'), 'domain_name']) }} as row_hash
    from source
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'organization_id', 'organization_id is null'),
            ('missing_required_value', 'domain_name', 'domain_name is null'),
        ]) }}
    from typed
),

final as (
    {{ reject_and_deduplicate('checked', ['organization_id', 'domain_position']) }}
)

select * from final
