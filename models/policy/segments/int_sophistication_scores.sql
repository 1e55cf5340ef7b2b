{{ score_totals(ref('int_sophistication_points'), ref('int_sophistication_component_sets'), ref('int_sophistication_weights')) }}
