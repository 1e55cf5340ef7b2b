{{ evaluate_rules('health_profile', ref('int_health_profile_inputs'), 'profiles') }}
