{{ config(
    materialized='incremental', incremental_strategy='rebuilds', unique_key=['account_id', 'segment_scheme', 'snapshot_date'], partition_by=snapshot_partition(),
    meta={'rebuilds': 'int_segment_rebuilds'}
) }}

{#- What makes two snapshots one interval: all that it shows. Rules and overrides tell its reason, but for who follows a parent, whose name and reason are in it. -#}
{%- set signature -%}
segments.segment || '|' || segments.rule_id || '|' || segments.candidate_segment || '|' || coalesce(segments.candidate_rule_id, '')
        || '|' || coalesce(segments.held_by, '') || '|' || coalesce(segments.override_id, '') || '|' || segments.policy_version
        || '|' || case when segments.rule_id = 'parent' then segments.reason else '' end
{%- endset -%}

with snapshots as (
    select
        snapshot_date,
        row_number() over (order by snapshot_date) as snapshot_number
    from {{ ref('int_snapshots') }}
),

segments as (
    select * from {{ rows_worked_out(ref('int_segments_by_snapshot'), rebuilds='int_segment_rebuilds', since='read_from') }} as worked_out
),

-- Most accounts never change: of what one segment holds without a gap only the first snapshot is put in order with the rest.
spans as (
    select
        segments.account_id,
        segments.segment_scheme,
        min(snapshots.snapshot_number) as first_number,
        min({{ signature }}) = max({{ signature }})
        and count(*) = 1 + max(snapshots.snapshot_number) - min(snapshots.snapshot_number) as is_steady
    from {{ rows_worked_out(ref('int_segments_by_snapshot'), rebuilds='int_segment_rebuilds', since='read_from') }} as segments
    inner join snapshots
        on segments.snapshot_date = snapshots.snapshot_date
    group by segments.account_id, segments.segment_scheme
),

signed as (
    select
        segments.*,
        snapshots.snapshot_number,
        {{ signature }} as signature
    from segments
    inner join snapshots
        on segments.snapshot_date = snapshots.snapshot_date
    inner join spans
        on
            segments.account_id = spans.account_id
            and segments.segment_scheme = spans.segment_scheme
            and (not spans.is_steady or snapshots.snapshot_number = spans.first_number)
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
