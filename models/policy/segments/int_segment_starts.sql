{{ config(
    materialized='incremental', incremental_strategy='rebuilds', unique_key=['account_id', 'segment_scheme', 'snapshot_date'], partition_by=snapshot_partition(),
    meta={'rebuilds': 'int_segment_rebuilds'}
) }}

with rebuilds as (
    select * from {{ ref('int_segment_rebuilds') }}
),

snapshots as (
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
    from {{ ref('int_segments_by_snapshot') }} as segments
    inner join rebuilds
        on segments.account_id = rebuilds.account_id and segments.snapshot_date >= rebuilds.read_from
    inner join snapshots
        on segments.snapshot_date = snapshots.snapshot_date
    where segments.snapshot_date in ({{ days_worked_out('int_segment_rebuilds', 'read_from') }})
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
