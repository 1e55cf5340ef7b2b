{{ component_weights(ref('int_sophistication_points')) }}
