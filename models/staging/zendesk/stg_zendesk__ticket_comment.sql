{{ config(enabled=system_is_on('zendesk')) }}

with source as (
    {{ raw_rows('zendesk', 'ticket_comment', optional=['user_id', 'body', 'public']) }}
),

tickets as (
    {{ parent_states(ref('stg_zendesk__ticket'), 'id') }}
),

typed as (
    select
        {{ to_text('id') }} as id,
        {{ to_text('ticket_id') }} as ticket_id,
        {{ to_text('user_id') }} as user_id,
        {{ to_text('body') }} as body,
        {{ to_timestamp_utc('created') }} as created,
        {{ to_text('created') }} as created_text,
        {{ to_boolean('public') }} as is_public,
        {{ to_text('id') }} as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash(['id', 'ticket_id', 'user_id', 'body', 'created', 'public']) }} as row_hash
    from source
),

checked as (
    select
        typed.*,
        {{ first_rejection([
            ('missing_key', 'id', 'id is null'),
            ('missing_required_value', 'ticket_id', 'ticket_id is null'),
            ('missing_required_value', 'created', 'created_text is null'),
            ('not_a_timestamp', 'created', 'created is null'),
            ('implausible_date', 'created', "created < '2000-01-01'"),
            ('orphan', 'ticket_id', 'tickets.parent_key is null'),
            ('deleted_in_source', 'ticket_id', 'tickets.is_accepted = 0'),
        ]) }}
    from typed
    left join tickets
        on typed.ticket_id = tickets.parent_key
),

final as (
    {{ reject_and_deduplicate('checked', ['id']) }}
)

select * from final
