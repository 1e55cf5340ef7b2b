with events as (
    select * from {{ ref('usage_events') }}
),

inputs as (
    {{ input_digests('membership', "''", 'inputs.valid_from', ref('workspace_memberships')) }}
    union all
    {{ input_digests('everything', "'feature_catalogue'", "'1900-01-01'", ref('feature_catalogue')) }}
),

-- Events are not looked at one by one: a day’s number, sum of counts and sum of times tell whether one came, went or moved.
days as (
    select
        source_system,
        {{ local_date('occurred_at') }} as activity_date,
        count(*) as row_count,
        sum(event_count) as events,
        sum(cast({{ dbt.datediff("cast('2000-01-01' as timestamp)", 'occurred_at', 'second') }} as decimal(38, 0))) as seconds
    from events
    group by source_system, {{ local_date('occurred_at') }}
),

final as (
    select
        owner_type,
        owner_id,
        since,
        cast(sum(digest) as decimal(38, 0)) as digest,
        cast(count(*) as bigint) as row_count
    from inputs
    group by owner_type, owner_id, since
    union all
    select
        'day',
        source_system,
        activity_date,
        cast(1000 * seconds + events as decimal(38, 0)),
        cast(row_count as bigint)
    from days
    union all
    select
        'everything',
        '{{ code_digest() }}',
        cast('1900-01-01' as date),
        cast(0 as decimal(38, 0)),
        cast(1 as bigint)
)

select * from final
