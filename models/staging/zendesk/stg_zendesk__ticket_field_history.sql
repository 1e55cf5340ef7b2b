{{ config(enabled=system_is_on('zendesk')) }}

with source as (
    {{ raw_rows('zendesk', 'ticket_field_history', optional=['value', 'user_id']) }}
),

tickets as (
    {{ parent_states(ref('stg_zendesk__ticket'), 'id') }}
),

typed as (
    select
        {{ to_text('ticket_id') }} as ticket_id,
        {{ to_text('field_name') }} as field_name,
        {{ to_timestamp_utc('updated') }} as updated,
        {{ to_text('updated') }} as updated_text,
        {{ to_text(adapter.quote('value')) }} as field_value,
        {{ to_text('user_id') }} as user_id,
        {{ to_text('ticket_id') }} || '|' || {{ to_text('field_name') }} || '|' || {{ to_text('updated') }} as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash(['ticket_id', 'field_name', 'updated', adapter.quote('value'), 'user_id']) }} as row_hash
    from source
),

checked as (
    select
        typed.*,
        {{ first_rejection([
            ('missing_key', 'ticket_id', 'ticket_id is null'),
            ('missing_required_value', 'field_name', 'field_name is null'),
            ('missing_required_value', 'updated', 'updated_text is null'),
            ('not_a_timestamp', 'updated', 'updated is null'),
            ('implausible_date', 'updated', "updated < '2000-01-01'"),
            ('orphan', 'ticket_id', 'tickets.parent_key is null'),
            ('deleted_in_source', 'ticket_id', 'tickets.is_accepted = 0'),
        ]) }}
    from typed
    left join tickets
        on typed.ticket_id = tickets.parent_key
),

final as (
    {{ reject_and_deduplicate('checked', ['ticket_id', 'field_name', 'updated']) }}
)

select * from final
