"""Versions follow each other without gap or overlap, and every row belongs to the version it says."""

from collections.abc import Collection, Iterator
from datetime import date
from itertools import pairwise

from strata.errors import Finding
from strata.policy.models import CsmPulse, Override, ValidRow
from strata.policy.tables import Policy, Table
from strata.policy.words import instead


def versions_follow_each_other(policy: Policy) -> Iterator[Finding]:
    """Exactly one version is in force on every day from the first on, and the last one is open."""
    table = policy.policy_versions
    backwards = [row for row in table if row.valid_to is not None and row.valid_to <= row.valid_from]
    for row in backwards:
        yield table.fault(
            row, "valid_to", f"version `{row.policy_version}` ends before it begins", "correct one of the dates"
        )
    if backwards or not table.rows:
        return
    ordered = sorted(table, key=lambda row: row.valid_from)
    for earlier, later in pairwise(ordered):
        if earlier.valid_to == later.valid_from:
            continue
        if earlier.valid_to is None or earlier.valid_to > later.valid_from:
            message = (
                f"`{earlier.policy_version}` (row {earlier.line}) and `{later.policy_version}` are in force at once"
            )
        else:
            message = f"no version is in force from {earlier.valid_to} to {later.valid_from}"
        remedy = f"end `{earlier.policy_version}` when the next begins: valid_to {later.valid_from}"
        yield table.fault(later, "valid_from", message, remedy)
    last = ordered[-1]
    if last.valid_to is not None:
        message = f"no version is in force from {last.valid_to} on"
        yield table.fault(last, "valid_to", message, "leave valid_to of the last version empty")


def versions_cover_history(policy: Policy, history_start: date) -> Iterator[Finding]:
    """A version is in force on the first day of history."""
    table = policy.policy_versions
    first = min(table, key=lambda row: row.valid_from, default=None)
    if first is not None and first.valid_from > history_start:
        message = f"no version is in force from {history_start}, the first day of history, to {first.valid_from}"
        remedy = f"begin `{first.policy_version}` by then, and its rows; or set var history_start_date later"
        yield table.fault(first, "valid_from", message, remedy)


def rows_belong_to_versions(policy: Policy) -> Iterator[Finding]:
    """Every row names a version; policy rows begin with it and end only where another one begins."""
    starts = {version.policy_version: version.valid_from for version in policy.policy_versions}
    for table in policy.tables().values():
        for row in table:
            if isinstance(row, ValidRow | Override | CsmPulse) and row.policy_version not in starts:
                message = f"policy version `{row.policy_version}` does not exist"
                remedy = instead(row.policy_version, starts, "add it to policy_versions.csv")
                yield table.fault(row, "policy_version", message, remedy)
            elif isinstance(row, ValidRow) and row.follows_versions and row.valid_from != starts[row.policy_version]:
                begins = starts[row.policy_version]
                message = f"the row begins on {row.valid_from}, its version `{row.policy_version}` on {begins}"
                remedy = "begin it with its version; a change needs a version of its own in policy_versions.csv"
                yield table.fault(row, "valid_from", message, remedy)
            if isinstance(row, ValidRow):
                yield from _end(table, row, starts.values())


def _end(table: Table[ValidRow], row: ValidRow, starts: Collection[date]) -> Iterator[Finding]:
    if row.valid_to is None:
        return
    if row.valid_to <= row.valid_from:
        message = f"the row ends on {row.valid_to}, before it begins: it never holds"
        yield table.fault(row, "valid_to", message, "correct one of the dates, or delete the row")
    elif row.follows_versions and row.valid_to not in starts:
        message = f"the row ends on {row.valid_to}, when no policy version begins"
        remedy = "end it where a version begins; a change needs a version of its own in policy_versions.csv"
        yield table.fault(row, "valid_to", message, remedy)
