{{ evaluate_rules('touch_model', ref('int_segment_inputs'), 'segments') }}
