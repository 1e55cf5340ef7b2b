{{ score_totals(ref('int_sophistication_weights')) }}
