{{ config(enabled=system_is_on('stripe')) }}

with source as (
    {{ raw_rows('stripe', 'subscription_history', optional=[
        'start_date', 'created', 'trial_start', 'trial_end', 'cancel_at', 'canceled_at', 'ended_at',
        'cancel_at_period_end', 'current_period_start', 'current_period_end', 'quantity', '_fivetran_start',
        '_fivetran_end', '_fivetran_active',
    ]) }}
),

typed as (
    select
        {{ to_text('id') }} as id,
        {{ to_text('customer_id') }} as customer_id,
        {{ to_text('status') }} as status,
        {{ to_timestamp_utc('start_date') }} as start_date,
        {{ to_text('start_date') }} as start_date_text,
        {{ to_timestamp_utc('created') }} as created,
        {{ to_timestamp_utc('trial_start') }} as trial_start,
        {{ to_timestamp_utc('trial_end') }} as trial_end,
        {{ to_text('trial_end') }} as trial_end_text,
        {{ to_timestamp_utc('cancel_at') }} as cancel_at,
        {{ to_timestamp_utc('canceled_at') }} as canceled_at,
        {{ to_timestamp_utc('ended_at') }} as ended_at,
        {{ to_text('ended_at') }} as ended_at_text,
        {{ to_boolean('cancel_at_period_end') }} as cancel_at_period_end,
        {{ to_timestamp_utc('current_period_start') }} as current_period_start,
        {{ to_timestamp_utc('current_period_end') }} as current_period_end,
        {{ to_integer('quantity') }} as quantity,
        {{ to_timestamp_utc('_fivetran_start') }} as _fivetran_start,
        {{ to_text('_fivetran_start') }} as _fivetran_start_text,
        {{ to_timestamp_utc('_fivetran_end') }} as _fivetran_end,
        {{ to_boolean('_fivetran_active') }} as _fivetran_active,
        {{ to_text('id') }} || coalesce('|' || {{ to_text('_fivetran_start') }}, '') as raw_key,
        {{ to_timestamp_utc('_fivetran_synced') }} as loaded_at,
        {{ row_hash([
            'id', 'customer_id', 'status', 'start_date', 'created', 'trial_start', 'trial_end', 'cancel_at',
            'canceled_at', 'ended_at', 'cancel_at_period_end', 'current_period_start', 'current_period_end',
            'quantity', '_fivetran_start', '_fivetran_end', '_fivetran_active',
        ]) }} as row_hash
    from source
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'id', 'id is null'),
            ('missing_required_value', 'customer_id', 'customer_id is null'),
            ('not_a_timestamp', 'start_date', 'start_date_text is not null and start_date is null'),
            ('missing_required_value', 'start_date', 'coalesce(start_date, created) is null'),
            ('not_a_timestamp', '_fivetran_start', '_fivetran_start_text is not null and _fivetran_start is null'),
            ('not_a_timestamp', 'ended_at', 'ended_at_text is not null and ended_at is null'),
            ('not_a_timestamp', 'trial_end', 'trial_end_text is not null and trial_end is null'),
            ('implausible_date', 'start_date', "coalesce(start_date, created) < '2000-01-01'"),
            ('ends_before_it_starts', 'ended_at', 'ended_at < coalesce(start_date, created)'),
            ('ends_before_it_starts', '_fivetran_end', '_fivetran_end < _fivetran_start'),
        ]) }}
    from typed
),

final as (
    {{ reject_and_deduplicate('checked', ['id', '_fivetran_start']) }}
)

select * from final
