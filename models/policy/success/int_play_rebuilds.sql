{{ config(post_hook="{{ remember_what_is_begun(['account_id', 'rebuild_from']) }}") }}

with rebuilds as (
    select * from {{ ref('int_segment_rebuilds') }}
),

visits as (
    select * from {{ ref('int_stage_visits') }}
),

stalls as (
    select * from {{ ref('int_stage_stalls') }}
),

built as (
    {{ built_from('int_stage_stalls') }}
),

begun as (
    {{ begun('int_play_rebuilds', {'account_id': dbt.type_string(), 'rebuild_from': 'date'}) }}
),

-- When a visit has stalled is read off the visits of all accounts: one that changed may move the limit of any other.
moved as (
    select
        visits.account_id,
        visits.entered_on as since
    from visits
    inner join stalls
        on visits.account_id = stalls.account_id and visits.visit = stalls.visit
    left join built
        on visits.account_id = built.account_id and visits.visit = built.visit
    where built.account_id is null or coalesce(stalls.stall_limit_days, -1) <> coalesce(built.stall_limit_days, -1)
),

-- What a run which did not end well may have worked out is worked out again.
since as (
    select
        account_id,
        min(since) as touched_since
    from (
        select * from moved
        union all
        select * from begun
    ) as moved_or_begun
    group by account_id
),

dated as (
    select
        rebuilds.account_id,
        {{ worked_out_since('least(rebuilds.rebuild_from, coalesce(since.touched_since, rebuilds.rebuild_from))') }} as rebuild_from
    from rebuilds
    left join since
        on rebuilds.account_id = since.account_id
),

final as (
    {{ with_the_snapshot_before('dated') }}
)

select * from final
