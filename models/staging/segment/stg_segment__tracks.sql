{{ config(enabled=system_is_on('segment')) }}

-- The big table. Three things keep it cheap: plain casts (Segment lands typed times or ISO text), a fingerprint only for rows
-- whose id came more than once or that are broken, and a sort of those rows alone.
with source as (
    {{ raw_rows('segment', 'tracks', optional=['user_id', 'context_group_id']) }}
),

typed as (
    select
        nullif(cast(id as {{ dbt.type_string() }}), '') as id,
        nullif(cast(user_id as {{ dbt.type_string() }}), '') as user_id,
        nullif(cast(context_group_id as {{ dbt.type_string() }}), '') as context_group_id,
        nullif(cast(event as {{ dbt.type_string() }}), '') as event,
        {{ try_to(adapter.quote('timestamp'), dbt.type_timestamp()) }} as occurred_at,
        {{ adapter.quote('timestamp') }} is null as has_no_timestamp,
        {{ try_to('received_at', dbt.type_timestamp()) }} as loaded_at
    from source
),

checked as (
    select
        *,
        {{ first_rejection([
            ('missing_key', 'id', 'id is null'),
            ('missing_required_value', 'event', 'event is null'),
            ('missing_required_value', 'timestamp', 'has_no_timestamp'),
            ('not_a_timestamp', 'timestamp', 'occurred_at is null'),
            ('implausible_date', 'timestamp', "occurred_at < '2000-01-01'"),
            ('received_before_it_happened', 'timestamp', "occurred_at > " ~ dbt.dateadd("day", 1, "loaded_at")),
        ]) }}
    from typed
),

repeated as (
    select id as repeated_id
    from checked
    group by id
    having count(*) > 1
),

suspects as (
    select
        checked.id,
        checked.user_id,
        checked.context_group_id,
        checked.event,
        checked.occurred_at,
        checked.loaded_at,
        checked.id as raw_key,
        {{ row_hash(['id', 'user_id', 'context_group_id', 'event', 'occurred_at']) }} as row_hash,
        checked.broken_reason,
        checked.broken_column
    from checked
    left join repeated
        on checked.id = repeated.repeated_id
    where checked.broken_reason is not null or repeated.repeated_id is not null
),

sound as (
    select
        checked.id,
        checked.user_id,
        checked.context_group_id,
        checked.event,
        checked.occurred_at,
        checked.loaded_at,
        checked.id as raw_key,
        cast(null as {{ dbt.type_string() }}) as row_hash,
        cast(null as {{ dbt.type_string() }}) as rejected_reason,
        cast(null as {{ dbt.type_string() }}) as rejected_column
    from checked
    left join repeated
        on checked.id = repeated.repeated_id
    where checked.broken_reason is null and repeated.repeated_id is null
),

judged as (
    {{ reject_and_deduplicate('suspects', ['id']) }}
),

final as (
    select * from sound
    union all
    select
        id,
        user_id,
        context_group_id,
        event,
        occurred_at,
        loaded_at,
        raw_key,
        row_hash,
        rejected_reason,
        rejected_column
    from judged
)

select * from final
