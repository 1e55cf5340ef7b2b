with events as (
    select * from {{ ref('usage_events') }}
),

features as (
    select * from {{ ref('feature_catalogue') }}
),

-- The only reading of the events: what comes after works on this roll-up. Features are bits, so that distinct counts stay cheap.
final as (
    select
        events.workspace_id,
        events.product_user_id,
        {{ local_date('events.occurred_at') }} as activity_date,
        cast(sum(events.event_count) as bigint) as actions,
        cast(sum(case when features.is_core then events.event_count else 0 end) as bigint) as core_actions,
        cast(sum(case when features.is_advanced then events.event_count else 0 end) as bigint) as advanced_actions,
        cast(sum(case when features.is_admin then events.event_count else 0 end) as bigint) as admin_actions,
        cast(sum(case when features.is_failure then events.event_count else 0 end) as bigint) as failed_actions,
        bit_or(coalesce(features.feature_bit, 0)) as feature_bits
    from events
    left join features
        on
            events.source_system = features.source_system
            and events.event_name = features.event_name
    where
        events.workspace_id is not null
        and {{ local_date('events.occurred_at') }} <= {{ as_of_date() }}
    group by events.workspace_id, events.product_user_id, {{ local_date('events.occurred_at') }}
)

select * from final
