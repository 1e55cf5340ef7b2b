{{ config(enabled=system_is_on('miaad')) }}

with source as (
    {{ raw_rows('miaad', 'support_tickets', optional=['account_id', 'priority', 'resolution_hours', 'csat_score']) }}
),

typed as (
    select
        {{ to_text('ticket_id') }} as raw_key,
        {{ to_text('ticket_id') }} as ticket_id,
        {{ to_text('account_id') }} as account_id,
        {{ to_text('created_at') }} as created_at_text,
        {{ local_to_utc(to_timestamp_utc('created_at')) }} as opened_at,
        lower({{ to_text('priority') }}) as priority,
        {{ to_decimal('resolution_hours') }} as resolution_hours,
        {{ to_decimal('csat_score') }} as csat_score,
        cast(null as {{ dbt.type_timestamp() }}) as loaded_at,
        {{ row_hash(['ticket_id', 'account_id', 'created_at', 'priority', 'resolution_hours', 'csat_score']) }} as row_hash
    from source
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'ticket_id', 'ticket_id is null'),
            ('missing_required_value', 'created_at', 'created_at_text is null'),
            ('not_a_timestamp', 'created_at', 'opened_at is null'),
            ('implausible_date', 'created_at', "opened_at < '2000-01-01'"),
            ('ends_before_it_starts', 'resolution_hours', 'resolution_hours < 0'),
        ]) }}
    from typed
),

final as (
    {{ reject_and_deduplicate('checked', ['ticket_id']) }}
)

select * from final
