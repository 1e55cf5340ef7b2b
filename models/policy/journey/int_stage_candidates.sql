{{ evaluate_rules('journey_stage', ref('int_segment_inputs'), 'segments') }}
