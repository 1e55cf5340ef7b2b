{{ config(materialized='view') }}

{{ evaluate_rules(none, rows_worked_out(ref('int_play_inputs'), rebuilds='int_play_rebuilds') ~ ' as worked_out', 'plays', 'plays') }}
