{{ component_weights(ref('int_health_points')) }}
