"""The models hold a set of rules, and a set of components, as the bits of one number."""

from collections.abc import Iterator

from strata.errors import Finding
from strata.policy.models import Rule, ScoreComponent
from strata.policy.tables import Policy

LARGEST = 62
"""Bits of a whole number of 64 bits that are safe to use with its sign, less one."""


def lists_fit_a_number(policy: Policy) -> Iterator[Finding]:
    """A rule set has at most 62 rules and a score model at most 62 components, those of earlier versions included."""
    rules: dict[str, list[Rule]] = {}
    for rule in policy.rules:
        rules.setdefault(rule.rule_set, []).append(rule)
    for name, rows in rules.items():
        for row in rows[LARGEST : LARGEST + 1]:
            message = f"`{name}` has {len(rows)} rules over all versions, and the models hold {LARGEST}"
            yield policy.rules.fault(row, "rule_set", message, "take out rules that ended before the history starts")
    components: dict[str, dict[str, ScoreComponent]] = {}
    for component in policy.score_components:
        components.setdefault(component.score_model, {}).setdefault(component.component, component)
    for name, first in components.items():
        for row_of in list(first.values())[LARGEST : LARGEST + 1]:
            message = f"`{name}` has {len(first)} components over all versions, and the models hold {LARGEST}"
            yield policy.score_components.fault(
                row_of, "component", message, "take out components that ended before the history starts"
            )
