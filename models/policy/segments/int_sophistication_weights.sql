{{ component_weights('sophistication', ref('int_sophistication_component_sets')) }}
