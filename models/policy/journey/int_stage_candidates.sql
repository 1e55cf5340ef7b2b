{{ config(materialized=accumulating(), incremental_strategy='rebuilds', unique_key=['account_id', 'snapshot_date']) }}

{{ evaluate_rules('journey_stage', ref('int_segment_inputs'), 'segments') }}
