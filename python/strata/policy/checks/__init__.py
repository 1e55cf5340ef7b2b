"""The checks of the policy, each with the tables it looks across.

A check runs only when all of its tables could be read whole: a row that is missing because a cell is not a number would
make a gap that nobody made.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from strata.errors import Finding
from strata.policy.checks import (
    attributes,
    bands,
    currencies,
    efforts,
    features,
    keys,
    limits,
    margins,
    milestones,
    overrides,
    parameters,
    points,
    pulses,
    reach,
    risks,
    rules,
    scores,
    segments,
    sizes,
    stages,
    versions,
)
from strata.policy.tables import Policy


@dataclass(frozen=True)
class Check:
    """A check and the names of the tables that it looks across."""

    run: Callable[[Policy], Iterator[Finding]]
    needs: tuple[str, ...] = ()


_RULES = ("attributes", "band_sets", "bands", "rule_sets", "rules", "rule_conditions", "segments", "stages", "plays")

# Looks at all rows, whenever they are in force.
ONCE = (
    Check(versions.versions_follow_each_other, ("policy_versions",)),
    Check(versions.rows_belong_to_versions, ("policy_versions",)),
    Check(keys.keys_are_unique),
    Check(overrides.overrides_end_after_they_start),
    Check(overrides.overrides_do_not_contradict),
    Check(overrides.overrides_lead_somewhere, ("policy_versions", "segment_schemes", "segments")),
    Check(overrides.health_overrides_say_one_thing, ("bands",)),
    Check(pulses.pulses_expire),
    Check(pulses.one_pulse_a_day),
    Check(currencies.rates_have_no_gap, ("currency_rates",)),
    Check(risks.coefficients_can_score, ("churn_risk_coefficients", "score_components")),
    Check(features.features_and_bits_go_together),
    Check(sizes.lists_fit_a_number),
)

# Looks at the policy in force on one day, on every day on which it changes.
EACH_CHANGE = (
    Check(keys.orders_have_no_ties),
    Check(attributes.band_sets_cut_known_attributes, ("attributes", "band_sets")),
    Check(attributes.ages_are_days, ("attributes",)),
    Check(attributes.components_use_known_attributes, ("attributes",)),
    Check(bands.bands_cover_their_scale, ("band_sets", "bands")),
    Check(rules.rule_sets_are_there, ("rule_sets", "segment_schemes", "plays")),
    Check(rules.plays_have_rule_sets_of_their_own, ("plays",)),
    Check(rules.outcomes_exist, ("segment_schemes", "segments", "stages", "score_profiles", "plays")),
    Check(rules.conditions_can_be_evaluated, ("attributes", "bands", "rules", "segments", "stages", "plays")),
    Check(reach.rules_are_reached, _RULES),
    Check(reach.matrix_has_no_gap, _RULES),
    Check(scores.profiles_are_there, ("score_profiles", "score_groups")),
    Check(scores.weights_fit_together, ("score_profiles", "score_groups", "score_components", "score_weights")),
    Check(scores.weights_sum_to_hundred, ("score_groups", "score_components", "score_weights")),
    Check(scores.components_are_weighed, ("score_components", "score_weights")),
    Check(points.curves_are_whole_and_monotone, ("score_components", "score_points")),
    Check(points.peers_are_there, ("score_components", "score_points", "segment_schemes")),
    Check(limits.limits_hold_from_one_side, ("attributes", "score_components", "score_limits")),
    Check(segments.schemes_are_whole, ("segment_schemes", "segments", "rule_sets")),
    Check(segments.segments_can_be_run, ("segments", "parameters")),
    Check(segments.stability_can_hold, ("segment_schemes", "segments", "segment_stability")),
    Check(segments.followers_have_ranks, ("segment_schemes", "segments")),
    Check(segments.crosswalks_name_segments, ("segments", "segment_crosswalks")),
    Check(margins.margins_are_there, ("segment_stability", "segment_margins")),
    Check(margins.margins_can_be_passed, (*_RULES, "segment_schemes", "segment_stability", "segment_margins")),
    Check(efforts.efforts_are_there, ("efforts",)),
    Check(efforts.windows_lie_around_milestones, ("friction_windows", "milestones", "feature_catalogue")),
    Check(milestones.milestones_name_features, ("milestones", "feature_catalogue")),
    Check(stages.stages_are_there, ("stages",)),
    Check(parameters.parameters_are_known_and_sane, ("parameters",)),
)
