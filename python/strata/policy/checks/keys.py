"""What identifies a row does so on every day, and what orders rows leaves no tie."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

from strata.errors import Finding
from strata.policy.models import Row, ValidRow
from strata.policy.tables import Policy, Table
from strata.policy.words import ticked

# Table, the columns within which an order must be unique, and the order.
ORDERS = (
    ("rules", ("rule_set",), "rule_order"),
    ("segments", ("segment_scheme",), "segment_order"),
    ("segments", ("segment_scheme",), "segment_rank"),
    ("stages", (), "stage_order"),
    ("milestones", (), "milestone_order"),
    ("plays", ("play_group",), "priority"),
    ("friction_windows", (), "window_order"),
    ("match_methods", (), "match_order"),
)


def keys_are_unique(policy: Policy) -> Iterator[Finding]:
    """No two rows of a table have the same key on the same day."""
    for table in policy.tables().values():
        by_key: defaultdict[tuple[object, ...], list[Row]] = defaultdict(list)
        for row in table:
            by_key[row.identity()].append(row)
        for rows in by_key.values():
            yield from _twice(table, sorted(rows, key=lambda row: (_begins(row), row.line)))


def _begins(row: Row) -> date:
    return row.valid_from if isinstance(row, ValidRow) else date.min


def _twice(table: Table[Any], rows: list[Row]) -> Iterator[Finding]:
    for earlier, later in pairwise(rows):
        column = later.key[0] if len(later.key) == 1 else None
        name = ticked(str(part) for part in later.identity() if part is not None)
        if not isinstance(earlier, ValidRow) or not isinstance(later, ValidRow):
            yield table.fault(later, column, f"{name} is in row {earlier.line} already", "keep one of the two rows")
        elif earlier.valid_to is None or earlier.valid_to > later.valid_from:
            yield table.fault(
                later,
                column,
                f"{name} is in row {earlier.line} already, for the same time",
                "keep one of the two rows, or end the earlier (valid_to) when the later begins",
            )


def orders_have_no_ties(policy: Policy) -> Iterator[Finding]:
    """Within its list, every order number is used once."""
    for name, scope, column in ORDERS:
        table = policy.tables()[name]
        seen: dict[tuple[object, ...], Row] = {}
        for row in table:
            if getattr(row, column) is None:
                continue
            place = (*(getattr(row, part) for part in scope), getattr(row, column))
            first = seen.setdefault(place, row)
            if first is not row:
                message = f"{column} {getattr(row, column)} is taken by row {first.line} already"
                yield table.fault(row, column, message, "give each row a number of its own: ties have no first match")
