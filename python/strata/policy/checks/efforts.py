"""Every kind of work that the models count has its minutes, and every window of friction lies around a milestone."""

from collections.abc import Iterator

from strata.errors import Finding
from strata.policy.tables import Policy
from strata.policy.vocabulary import EFFORTS
from strata.policy.words import instead


def efforts_are_there(policy: Policy) -> Iterator[Finding]:
    """Known and complete."""
    table = policy.efforts
    known = {row.effort for row in table}
    for name in EFFORTS:
        if name not in known:
            yield table.fault(None, "effort", f"the effort `{name}` is missing", "add it: a model reads it")
    for row in table:
        if row.effort not in EFFORTS:
            remedy = instead(row.effort, EFFORTS, "delete it")
            yield table.fault(row, "effort", f"no model reads the effort `{row.effort}`", remedy)


def windows_lie_around_milestones(policy: Policy) -> Iterator[Finding]:
    """The milestone exists, and the window holds a day."""
    table = policy.friction_windows
    milestones = {row.milestone for row in policy.milestones}
    for row in table:
        if row.milestone not in milestones:
            remedy = instead(row.milestone, milestones, "add it to milestones.csv")
            yield table.fault(row, "milestone", f"the milestone `{row.milestone}` does not exist", remedy)
        if row.from_day >= row.until_day:
            message = f"the window ends on day {row.until_day}, where it begins or before"
            yield table.fault(row, "until_day", message, "write the first day after the window")
