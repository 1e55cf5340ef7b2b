{{ component_sets(ref('int_sophistication_points')) }}
