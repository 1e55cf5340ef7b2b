{{ config(materialized='view') }}

{{ evaluate_rules(none, ref('int_play_inputs'), 'plays', 'plays') }}
