{{ component_weights('health', ref('int_health_change_sets')) }}
