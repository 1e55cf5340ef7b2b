"""Every rule can match some account, and the matrix of the touch model leaves no customer to the default."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from strata.errors import Finding
from strata.policy.checks.attributes import types_of
from strata.policy.checks.rules import condition_faults, texts_of
from strata.policy.checks.space import MISSING, Box, Cells, Space, box_of, contains, left_over, meets, space_of
from strata.policy.models import Rule, RuleCondition
from strata.policy.tables import Policy
from strata.policy.vocabulary import IS_CUSTOMER, SKILL_BAND, TOUCH_SCHEME, VALUE_BAND


def rules_are_reached(policy: Policy) -> Iterator[Finding]:
    """No rule contradicts itself, and none stands behind rules that take all its accounts."""
    for rule_set in policy.rule_sets:
        ordered, conditions = _rules(policy, rule_set.rule_set)
        if any(fault.severity == "error" for row in _flat(conditions) for fault in condition_faults(policy, row)):
            continue  # told already; what it would shadow is not known before it is corrected
        space = _space(policy, _flat(conditions))
        boxes = {rule.rule_id: box_of(space, conditions[rule.rule_id]) for rule in ordered}
        before: list[Rule] = []
        for place, rule in enumerate(ordered):
            box = boxes[rule.rule_id]
            contradicted = [attribute for attribute, cells in box.items() if not cells]
            if contradicted:
                yield from _contradiction(policy, conditions[rule.rule_id], contradicted)
                continue
            behind = len(ordered) - place - 1
            if not box and behind:
                message = f"the rule `{rule.rule_id}` has no conditions: {behind} later rules never match"
                yield policy.rules.fault(
                    rule, None, message, "give it conditions, or the highest rule_order of its set"
                )
                break
            yield from _shadow(policy, space, rule, boxes, before)
            before.append(rule)


def matrix_has_no_gap(policy: Policy) -> Iterator[Finding]:
    """Some rule of the touch model matches a customer of every value band × sophistication."""
    ordered, conditions = _rules(policy, TOUCH_SCHEME)
    types = types_of(policy)
    if any(attribute not in types for attribute in (IS_CUSTOMER, VALUE_BAND, SKILL_BAND)):
        return
    if any(fault.severity == "error" for row in _flat(conditions) for fault in condition_faults(policy, row)):
        return
    space = _space(policy, _flat(conditions))
    boxes = [box_of(space, conditions[rule.rule_id]) for rule in ordered]
    usual = {attribute: _usual(policy, space, attribute) for attribute in {row.attribute for row in _flat(conditions)}}
    default = next((row.default_outcome for row in policy.rule_sets if row.rule_set == TOUCH_SCHEME), None)
    for value in space.texts[VALUE_BAND]:
        for skill in space.texts[SKILL_BAND]:
            region: Box = {
                **usual,
                IS_CUSTOMER: frozenset((2,)),
                VALUE_BAND: space.text(VALUE_BAND, value),
                SKILL_BAND: space.text(SKILL_BAND, skill),
            }
            who = f"customers of value band `{value}` and sophistication `{skill}`"
            if not any(meets(space, box, region) for box in boxes):
                message = f"no rule of `{TOUCH_SCHEME}` matches {who}"
                yield policy.rules.fault(None, None, message, "add a rule for this combination")
            elif left_over(space, region, boxes):
                message = f"the rules of `{TOUCH_SCHEME}` leave some {who} to the default `{default}`"
                remedy = "add a rule after them with no further condition for this combination"
                yield policy.rules.fault(None, None, message, remedy, "warning")


def _rules(policy: Policy, rule_set: str) -> tuple[list[Rule], dict[str, list[RuleCondition]]]:
    ordered = sorted(
        (rule for rule in policy.rules if rule.rule_set == rule_set), key=lambda rule: (rule.rule_order, rule.rule_id)
    )
    conditions: defaultdict[str, list[RuleCondition]] = defaultdict(list)
    for row in policy.rule_conditions:
        if row.rule_set == rule_set:
            conditions[row.rule_id].append(row)
    return ordered, conditions


def _flat(conditions: dict[str, list[RuleCondition]]) -> list[RuleCondition]:
    return [row for rows in conditions.values() for row in rows]


def _space(policy: Policy, conditions: list[RuleCondition]) -> Space:
    scales: defaultdict[str, set[Decimal]] = defaultdict(set)
    for row in policy.band_sets:
        scales[row.attribute].update(bound for bound in (row.scale_lower, row.scale_upper) if bound is not None)
    return space_of(conditions, types_of(policy), texts_of(policy), scales)


def _usual(policy: Policy, space: Space, attribute: str) -> Cells:
    """The cells of a known value: not missing, and inside the scale where the attribute has one."""
    cells = space.whole(attribute) - {MISSING}
    for row in policy.band_sets:
        if row.attribute == attribute:
            lowest = row.scale_lower if row.scale_lower is not None else Decimal("-Infinity")
            highest = row.scale_upper if row.scale_upper is not None else Decimal("Infinity")
            cells &= space.between(attribute, lowest, highest)
    return cells


def _contradiction(policy: Policy, conditions: list[RuleCondition], attributes: list[str]) -> Iterator[Finding]:
    for attribute in attributes:
        rows = [row for row in conditions if row.attribute == attribute]
        lines = ", ".join(str(row.line) for row in rows[:-1])
        message = f"the condition on `{attribute}` contradicts row {lines}: the rule `{rows[-1].rule_id}` never matches"
        yield policy.rule_conditions.fault(rows[-1], None, message, "delete one of them, or make two rules")


def _shadow(
    policy: Policy, space: Space, rule: Rule, boxes: dict[str, dict[str, Cells]], before: list[Rule]
) -> Iterator[Finding]:
    box = boxes[rule.rule_id]
    for earlier in before:
        if contains(space, boxes[earlier.rule_id], box):
            taker = f"`{earlier.rule_id}` (row {earlier.line})"
            message = f"the rule `{rule.rule_id}` never matches: {taker} takes all its accounts first"
            yield policy.rules.fault(
                rule, "rule_order", message, "put it before that rule, narrow that rule, or delete it"
            )
            return
    if left_over(space, box, (boxes[earlier.rule_id] for earlier in before)) == []:
        message = f"the rule `{rule.rule_id}` never matches: the rules before it together take all its accounts first"
        yield policy.rules.fault(rule, "rule_order", message, "put it before them, narrow them, or delete it")
