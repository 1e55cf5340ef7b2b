{{ score_totals(ref('int_health_points'), ref('int_health_component_sets'), ref('int_health_weights')) }}
