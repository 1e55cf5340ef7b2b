{{ component_sets(ref('int_health_points')) }}
