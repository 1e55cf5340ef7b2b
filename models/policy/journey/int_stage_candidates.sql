{{ config(materialized='incremental', incremental_strategy='rebuilds', unique_key=['account_id', 'snapshot_date'], partition_by=snapshot_partition()) }}

{{ evaluate_rules('journey_stage', ref('int_segment_inputs'), 'segments') }}
