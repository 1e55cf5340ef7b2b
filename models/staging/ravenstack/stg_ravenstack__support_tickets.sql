{{ config(enabled=system_is_on('ravenstack')) }}

with source as (
    {{ raw_rows('ravenstack', 'support_tickets', optional=['account_id', 'closed_at', 'priority', 'satisfaction_score']) }}
),

typed as (
    select
        {{ to_text('ticket_id') }} as raw_key,
        {{ to_text('ticket_id') }} as ticket_id,
        {{ to_text('account_id') }} as account_id,
        {{ to_text('submitted_at') }} as submitted_at_text,
        {{ to_timestamp_day_first('submitted_at') }} as opened_at,
        {{ to_text('closed_at') }} as closed_at_text,
        {{ to_timestamp_day_first('closed_at') }} as resolved_at,
        lower({{ to_text('priority') }}) as priority,
        {{ to_decimal('satisfaction_score') }} as satisfaction_score,
        cast(null as {{ dbt.type_timestamp() }}) as loaded_at
    from source
),

-- The fingerprint is taken of the values as read, so that it is the same for a file that a spreadsheet has rewritten.
fingerprinted as (
    select
        *,
        {{ row_hash([
            'ticket_id', 'account_id', as_read('opened_at', 'submitted_at_text'),
            as_read('resolved_at', 'closed_at_text'), 'priority', 'satisfaction_score',
        ]) }} as row_hash
    from typed
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'ticket_id', 'ticket_id is null'),
            ('missing_required_value', 'submitted_at', 'submitted_at_text is null'),
            ('not_a_timestamp', 'submitted_at', 'opened_at is null'),
            ('implausible_date', 'submitted_at', "opened_at < '2000-01-01'"),
            ('not_a_timestamp', 'closed_at', 'closed_at_text is not null and resolved_at is null'),
            ('ends_before_it_starts', 'closed_at', 'resolved_at < opened_at'),
        ]) }}
    from fingerprinted
),

final as (
    {{ reject_and_deduplicate('checked', ['ticket_id']) }}
)

select * from final
