{{ component_weights('health', ref('int_health_component_sets')) }}
