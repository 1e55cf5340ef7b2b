{{ config(
    materialized='incremental', incremental_strategy='rebuilds', unique_key=['account_id', 'segment_scheme', 'snapshot_date'], partition_by=snapshot_partition(),
    meta={'rebuilds': 'int_segment_rebuilds'}
) }}

with snapshots as (
    select
        snapshot_date,
        row_number() over (order by snapshot_date) as snapshot_number
    from {{ ref('int_snapshots') }}
),

signed as (
    select
        segments.*,
        snapshots.snapshot_number,
        segments.segment || '|' || segments.rule_id || '|' || segments.candidate_segment || '|' || coalesce(segments.held_by, '')
        || '|' || coalesce(segments.override_id, '') || '|' || segments.policy_version as signature
    from {{ rows_worked_out(ref('int_segments_by_snapshot'), rebuilds='int_segment_rebuilds', since='read_from') }} as segments
    inner join snapshots
        on segments.snapshot_date = snapshots.snapshot_date
),

compared as (
    select
        *,
        lag(signature) over (partition by account_id, segment_scheme order by snapshot_date) as previous_signature,
        lag(snapshot_number) over (partition by account_id, segment_scheme order by snapshot_date) as previous_number
    from signed
),

final as (
    select
        account_id,
        segment_scheme,
        segment,
        candidate_segment,
        held_by,
        candidate_rule_id,
        rule_id,
        reason,
        override_id,
        override_author,
        override_ends_on,
        policy_version,
        snapshot_date
    from compared
    where previous_signature is null or previous_signature <> signature or previous_number < snapshot_number - 1
)

select * from final
