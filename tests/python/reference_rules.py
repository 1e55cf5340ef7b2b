"""Bands, ordered rules and margins, applied to one account as a person would, with nothing of the SQL in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

SCALE = Decimal("0.0001")


@dataclass(frozen=True)
class Facts:
    """What is known of an account. None: not known. nps_age: days."""

    mrr: Decimal | None = None
    is_brand: int = 0
    skill: Decimal | None = None
    employees: Decimal | None = None
    nps: Decimal | None = None
    nps_age: int | None = None
    industry: str | None = None


@dataclass(frozen=True)
class Condition:
    """A number in [lower, upper), or a text."""

    attribute: str
    lower: Decimal | None = None
    upper: Decimal | None = None
    text: str | None = None


@dataclass(frozen=True)
class Rule:
    """In the order of the list; the outcome counts when all conditions hold."""

    name: str
    outcome: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Margin:
    """How far a marker has to pass an edge. share: of the account's own value."""

    attribute: str
    share: bool
    up: Decimal
    down: Decimal


@dataclass(frozen=True)
class Bands:
    """The edges between the bands of a scale that begins at 0; top: its closed end, None where it has none."""

    names: Sequence[str]
    edges: Sequence[Decimal]
    top: Decimal | None

    def order(self, value: Decimal | None) -> int | None:
        """The number of the band from 0, None off the scale."""
        if value is None or value < 0 or (self.top is not None and value > self.top):
            return None
        return sum(value >= edge for edge in self.edges)


@dataclass(frozen=True)
class World:
    """The policy that all accounts meet."""

    value: Bands
    skill: Bands
    lift: int
    oldest_nps: int


def _known(facts: Facts, world: World) -> Mapping[str, Decimal | str | None]:
    order = world.value.order(facts.mrr)
    lifted = None if order is None else min(order + facts.is_brand * world.lift, len(world.value.names) - 1)
    level = world.skill.order(facts.skill)
    too_old = facts.nps_age is not None and facts.nps_age > world.oldest_nps
    return {
        "mrr": facts.mrr,
        "employees": facts.employees,
        "sophistication_score": facts.skill,
        "nps_score": None if too_old else facts.nps,
        "industry": facts.industry,
        "value_band": None if lifted is None else world.value.names[lifted],
        "sophistication": "unknown" if level is None else world.skill.names[level],
    }


def _holds(condition: Condition, known: Mapping[str, Decimal | str | None]) -> bool:
    value = known[condition.attribute]
    if value is None:
        return False
    if condition.text is not None:
        return value == condition.text
    assert isinstance(value, Decimal)
    return (condition.lower is None or value >= condition.lower) and (
        condition.upper is None or value < condition.upper
    )


def decided(facts: Facts, rules: Sequence[Rule], default: str, world: World) -> tuple[str, str]:
    """Outcome and rule: the first whose conditions all hold."""
    known = _known(facts, world)
    for rule in rules:
        if all(_holds(condition, known) for condition in rule.conditions):
            return rule.outcome, rule.name
    return default, "default"


def _moved(facts: Facts, margin: Margin, size: Decimal, world: World) -> Iterator[Facts]:
    """Both ways, and no further than the scale goes, where there is one."""
    field = {"mrr": "mrr", "employees": "employees", "sophistication_score": "skill"}[margin.attribute]
    scale = {"mrr": world.value, "sophistication_score": world.skill}.get(margin.attribute)
    value = getattr(facts, field)
    if value is not None:
        by = (value * size if margin.share else size).quantize(SCALE, ROUND_HALF_UP)
        for moved in (value - by, value + by):
            if scale is not None:
                moved = max(moved, Decimal(0))
                moved = moved if scale.top is None else min(moved, scale.top)
            yield replace(facts, **{field: moved})


def ranks_within(
    facts: Facts, rules: Sequence[Rule], default: str, world: World, margins: Sequence[Margin],
    ranks: Mapping[str, int | None],
) -> tuple[int | None, int | None]:
    """The lowest rank within the margins upwards and the highest within those downwards, the account's own included."""
    own = ranks[decided(facts, rules, default, world)[0]]
    up, down = ([own] if own is not None else [] for _ in range(2))
    for margin in margins:
        for size, seen in ((margin.up, up), (margin.down, down)):
            for elsewhere in _moved(facts, margin, size, world):
                rank = ranks[decided(elsewhere, rules, default, world)[0]]
                if rank is not None:
                    seen.append(rank)
    return (min(up), max(down)) if own is not None else (None, None)
