{{ score_totals(ref('int_health_weights')) }}
