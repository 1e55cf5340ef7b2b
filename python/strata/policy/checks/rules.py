"""Rules and conditions say something that can be evaluated, and lead to an outcome that exists."""

from collections.abc import Collection, Iterator

from strata.errors import Finding
from strata.policy.checks.attributes import IN_CATALOGUE, types_of
from strata.policy.models import Play, RuleCondition
from strata.policy.tables import Policy
from strata.policy.vocabulary import (
    HEALTH_BAND,
    HEALTH_MODEL,
    KNOWN_TO_PLAYS_ALONE,
    NOT_SCORED,
    PLAY_OUTCOMES,
    PROFILE_RULE_SET,
    RESERVED_RULE_IDS,
    RULE_SETS,
    SEGMENT,
    SKILL_BAND,
    SKILL_BANDS,
    SKILL_SCHEME,
    SKILL_SEGMENT,
    STAGE,
    STAGE_RULE_SET,
    TOO_LATE_FOR_STAGES_AND_SEGMENTS,
    TOUCH_SCHEME,
    UNKNOWN_SKILL,
    VALUE_BAND,
    VALUE_BANDS,
)
from strata.policy.words import instead, plain, ticked


def texts_of(policy: Policy) -> dict[str, tuple[str, ...]]:
    """The texts that have a fixed list of values, and the list."""
    return {
        VALUE_BAND: tuple(row.band for row in policy.bands if row.band_set == VALUE_BANDS),
        SKILL_BAND: (*(row.band for row in policy.bands if row.band_set == SKILL_BANDS), UNKNOWN_SKILL),
        STAGE: tuple(row.stage for row in policy.stages),
        SEGMENT: tuple(row.segment for row in policy.segments if row.segment_scheme == TOUCH_SCHEME),
        SKILL_SEGMENT: tuple(row.segment for row in policy.segments if row.segment_scheme == SKILL_SCHEME),
        HEALTH_BAND: tuple(row.band for row in policy.bands if row.band_set == "health"),
    }


def rule_sets_are_there(policy: Policy) -> Iterator[Finding]:
    """The rule sets that the models evaluate exist, and no rule belongs to one that does not."""
    table = policy.rule_sets
    known = {row.rule_set for row in table}
    for name in RULE_SETS:
        if name not in known:
            yield table.fault(None, None, f"the rule set `{name}` is missing", "add it with its default outcome")
    evaluated = {
        *RULE_SETS,
        *(row.rule_set for row in policy.segment_schemes),
        *(row.rule_set for row in policy.plays),
    }
    for play in policy.plays:
        if play.rule_set not in known:
            remedy = instead(play.rule_set, known, "add it to rule_sets.csv")
            yield policy.plays.fault(play, "rule_set", f"the rule set `{play.rule_set}` does not exist", remedy)
    for row in table:
        if row.rule_set not in evaluated:
            remedy = instead(row.rule_set, evaluated, "delete it and its rules, or name it in segment_schemes.csv")
            message = f"no model evaluates the rule set `{row.rule_set}`"
            yield table.fault(row, "rule_set", message, remedy, "warning")
    for rule in policy.rules:
        if rule.rule_set not in known:
            remedy = instead(rule.rule_set, known, "add it to rule_sets.csv")
            yield policy.rules.fault(rule, "rule_set", f"the rule set `{rule.rule_set}` does not exist", remedy)
        if rule.rule_id in RESERVED_RULE_IDS:
            message = f"`{rule.rule_id}` is what a result without a matching rule is called"
            yield policy.rules.fault(rule, "rule_id", message, "give the rule another rule_id")


def plays_have_rule_sets_of_their_own(policy: Policy) -> Iterator[Finding]:
    """No two plays are due by the same rules: the second would repeat what the first says."""
    first: dict[str, Play] = {}
    for play in policy.plays:
        other = first.setdefault(play.rule_set, play)
        if other is not play:
            message = f"the rule set `{play.rule_set}` is that of the play `{other.play}` (row {other.line}) already"
            yield policy.plays.fault(play, "rule_set", message, "give each play a rule set of its own")


def outcomes_exist(policy: Policy) -> Iterator[Finding]:
    """Every rule, and every default, leads to a segment, stage or health profile that exists."""
    allowed: dict[str, list[tuple[str, Collection[str]]]] = {
        STAGE_RULE_SET: [("a stage of stages.csv", [row.stage for row in policy.stages])],
        PROFILE_RULE_SET: [
            (
                f"a health profile of score_profiles.csv or `{NOT_SCORED}`",
                [*(row.profile for row in policy.score_profiles if row.score_model == HEALTH_MODEL), NOT_SCORED],
            )
        ],
    }
    for scheme in policy.segment_schemes:
        segments = [row.segment for row in policy.segments if row.segment_scheme == scheme.segment_scheme]
        allowed.setdefault(scheme.rule_set, []).append((f"a segment of the scheme `{scheme.segment_scheme}`", segments))
    for play in policy.plays:
        allowed.setdefault(play.rule_set, []).append((f"an outcome of the play `{play.play}`", PLAY_OUTCOMES))
    for rule_set in policy.rule_sets:
        for what, names in allowed.get(rule_set.rule_set, []):
            if rule_set.default_outcome not in names:
                message = f"the default outcome `{rule_set.default_outcome}` is not {what}"
                remedy = instead(rule_set.default_outcome, names, f"write one of {ticked(names)}")
                yield policy.rule_sets.fault(rule_set, "default_outcome", message, remedy)
    for rule in policy.rules:
        for what, names in allowed.get(rule.rule_set, []):
            if rule.outcome not in names:
                message = f"the outcome `{rule.outcome}` is not {what}"
                remedy = instead(rule.outcome, names, f"write one of {ticked(names)}")
                yield policy.rules.fault(rule, "outcome", message, remedy)


def conditions_can_be_evaluated(policy: Policy) -> Iterator[Finding]:
    """Every condition belongs to a rule and compares a known attribute with something of its own type."""
    for row in policy.rule_conditions:
        yield from condition_faults(policy, row)


def condition_faults(policy: Policy, row: RuleCondition) -> Iterator[Finding]:
    """What is wrong with one condition."""
    fault = policy.rule_conditions.fault
    rules = {rule.rule_id for rule in policy.rules if rule.rule_set == row.rule_set}
    if row.rule_id not in rules:
        message = f"the rule `{row.rule_id}` does not exist in the rule set `{row.rule_set}`"
        yield fault(
            row, "rule_id", message, instead(row.rule_id, rules, "delete the condition, or add the rule to rules.csv")
        )
    types = types_of(policy)
    if row.attribute not in types:
        message = f"attribute `{row.attribute}` is unknown"
        yield fault(row, "attribute", message, instead(row.attribute, types, IN_CATALOGUE))
        return
    of_play = row.rule_set in {play.rule_set for play in policy.plays}
    too_early = row.attribute in KNOWN_TO_PLAYS_ALONE or (
        row.rule_set != PROFILE_RULE_SET and row.attribute in TOO_LATE_FOR_STAGES_AND_SEGMENTS
    )
    if too_early and not of_play:
        message = f"attribute `{row.attribute}` is not known yet when `{row.rule_set}` is decided"
        yield fault(row, "attribute", message, "name an attribute that is known before it")
        return
    has_bounds = row.lower_bound is not None or row.upper_bound is not None
    has_text = row.text_value is not None
    if has_bounds == has_text:
        message = "bounds and text_value are both given" if has_text else "neither bounds nor text_value are given"
        wanted = "only text_value" if types[row.attribute] == "text" else "only lower_bound, upper_bound or both"
        yield fault(row, None, message, f"`{row.attribute}` is a {types[row.attribute]}: fill {wanted}")
    elif has_bounds and types[row.attribute] == "text":
        message = f"`{row.attribute}` is a text and has no bounds"
        yield fault(
            row, "lower_bound" if row.lower_bound is not None else "upper_bound", message, "fill text_value instead"
        )
    elif has_text and types[row.attribute] != "text":
        message = f"`{row.attribute}` is a {types[row.attribute]} and cannot equal a text"
        yield fault(row, "text_value", message, "fill lower_bound or upper_bound instead")
    elif has_text:
        yield from _text(policy, row)
    else:
        yield from _bounds(policy, row, types[row.attribute])


def _text(policy: Policy, row: RuleCondition) -> Iterator[Finding]:
    known = texts_of(policy).get(row.attribute)
    if known is not None and row.text_value is not None and row.text_value not in known:
        message = f"`{row.attribute}` is never `{row.text_value}`"
        remedy = instead(row.text_value, known, f"write one of {ticked(known)}")
        yield policy.rule_conditions.fault(row, "text_value", message, remedy)


def _bounds(policy: Policy, row: RuleCondition, kind: str) -> Iterator[Finding]:
    fault = policy.rule_conditions.fault
    lower, upper = row.lower_bound, row.upper_bound
    if lower is not None and upper is not None and lower >= upper:
        message = f"no number is at least {plain(lower)} and below {plain(upper)}"
        yield fault(row, "upper_bound", message, "write the smaller number into lower_bound")
    elif kind == "flag" and not any(
        (lower is None or lower <= flag) and (upper is None or flag < upper) for flag in (0, 1)
    ):
        message = f"`{row.attribute}` is 0 or 1, and the bounds hold neither"
        yield fault(row, None, message, "write lower_bound 1 for yes, upper_bound 1 for no")
