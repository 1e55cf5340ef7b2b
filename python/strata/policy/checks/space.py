"""What rules can tell apart: each attribute cut into the cells that the bounds and texts of its conditions make.

In one cell every condition has one answer, so "is this rule ever reached" becomes arithmetic on sets of cells, exact
for any combination of rules. A missing value is a cell of its own that no condition holds.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from strata.policy.checks.bands import end, start
from strata.policy.models import RuleCondition

MISSING = 0
MOST_PIECES = 5_000

Cells = frozenset[int]
Box = Mapping[str, Cells]


@dataclass(frozen=True)
class Space:
    """The cells of every attribute; cell 0 is the missing value.

    cuts: bounds of a number, ascending; cell i lies from cut i-2 to cut i-1 (the first and last are unbounded).
    texts: values of a text; cell i is text i-1, and the cell after the last is any other text.
    flags: attributes that are 0 (cell 1) or 1 (cell 2).
    closed: texts that have no other value than those of `texts`.
    """

    cuts: Mapping[str, tuple[Decimal, ...]] = field(default_factory=dict)
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()

    def whole(self, attribute: str) -> Cells:
        """Every cell of the attribute."""
        if attribute in self.flags:
            return frozenset((MISSING, 1, 2))
        if attribute in self.texts:
            return frozenset(range(len(self.texts[attribute]) + (1 if attribute in self.closed else 2)))
        return frozenset(range(len(self.cuts.get(attribute, ())) + 2))

    def holds(self, condition: RuleCondition) -> Cells:
        """The cells in which the condition holds; none when it never can."""
        attribute = condition.attribute
        if condition.text_value is not None:
            texts = self.texts[attribute]
            return frozenset((texts.index(condition.text_value) + 1,)) if condition.text_value in texts else frozenset()
        lower, upper = start(condition.lower_bound), end(condition.upper_bound)
        if attribute in self.flags:
            return frozenset(value + 1 for value in (0, 1) if lower <= value < upper)
        return self.between(attribute, lower, upper)

    def between(self, attribute: str, lower: Decimal, upper: Decimal) -> Cells:
        """The cells of a number that lie wholly in [lower, upper)."""
        edges = (start(None), *self.cuts.get(attribute, ()), end(None))
        pairs = pairwise(edges)
        return frozenset(cell for cell, (low, high) in enumerate(pairs, start=1) if lower <= low and high <= upper)

    def text(self, attribute: str, value: str) -> Cells:
        """The cell of one text."""
        return frozenset((self.texts[attribute].index(value) + 1,))


def space_of(
    conditions: Iterable[RuleCondition],
    types: Mapping[str, str],
    known_texts: Mapping[str, Iterable[str]],
    further_cuts: Mapping[str, Iterable[Decimal]],
) -> Space:
    """The space that these conditions cut.

    types: attribute -> number, text or flag. known_texts: all values of the texts that have a fixed list.
    further_cuts: bounds beside those of the conditions.
    """
    cuts: defaultdict[str, set[Decimal]] = defaultdict(set)
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for attribute, more in further_cuts.items():
        cuts[attribute].update(more)
    for attribute, values in known_texts.items():
        texts[attribute].extend(values)
    for condition in conditions:
        if condition.text_value is not None:
            if condition.attribute not in known_texts and condition.text_value not in texts[condition.attribute]:
                texts[condition.attribute].append(condition.text_value)
        else:
            bounds = (condition.lower_bound, condition.upper_bound)
            cuts[condition.attribute].update(bound for bound in bounds if bound is not None)
    return Space(
        cuts={attribute: tuple(sorted(found)) for attribute, found in cuts.items()},
        texts={attribute: tuple(found) for attribute, found in texts.items()},
        flags=frozenset(attribute for attribute, kind in types.items() if kind == "flag"),
        closed=frozenset(known_texts),
    )


def box_of(space: Space, conditions: Iterable[RuleCondition]) -> dict[str, Cells]:
    """Where all the conditions of one rule hold; attributes without condition are free and left out."""
    box: dict[str, Cells] = {}
    for condition in conditions:
        box[condition.attribute] = box.get(condition.attribute, space.whole(condition.attribute)) & space.holds(
            condition
        )
    return box


def contains(space: Space, outer: Box, inner: Box) -> bool:
    """Does everything in `inner` lie in `outer`?"""
    return all(inner.get(attribute, space.whole(attribute)) <= cells for attribute, cells in outer.items())


def meets(space: Space, one: Box, other: Box) -> bool:
    """Is anything in both?"""
    return all(other.get(attribute, space.whole(attribute)) & cells for attribute, cells in one.items())


def left_over(space: Space, region: Box, taken: Iterable[Box]) -> list[dict[str, Cells]] | None:
    """What of `region` no box of `taken` holds, in disjoint pieces; None when the pieces become too many to follow."""
    pieces = [dict(region)]
    for box in taken:
        pieces = [part for piece in pieces for part in _without(space, piece, box)]
        if len(pieces) > MOST_PIECES:
            return None
    return pieces


def _without(space: Space, piece: dict[str, Cells], box: Box) -> list[dict[str, Cells]]:
    if not meets(space, box, piece):
        return [piece]
    parts: list[dict[str, Cells]] = []
    inside = dict(piece)
    for attribute, cells in box.items():
        here = inside.get(attribute, space.whole(attribute))
        if here - cells:
            parts.append({**inside, attribute: here - cells})
        inside[attribute] = here & cells
    return parts
