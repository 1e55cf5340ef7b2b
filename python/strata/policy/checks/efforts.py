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
    """The milestone exists, and the window holds a day. Each core feature is a milestone of its own, behind a colon."""
    table = policy.friction_windows
    each = {row.milestone for row in policy.milestones if row.milestone_event == "core_feature"}
    features = {row.feature for row in policy.feature_catalogue if row.feature is not None and row.is_core}
    milestones = {row.milestone for row in policy.milestones} - each
    milestones |= {f"{milestone}:{feature}" for milestone in each for feature in features}
    for row in table:
        milestone, _, feature = row.milestone.partition(":")
        if row.milestone in each:
            message = f"the milestone `{row.milestone}` is one for each core feature, and the window names none"
            remedy = f"name the feature behind a colon: `{row.milestone}:{min(features, default='feature')}`"
            yield table.fault(row, "milestone", message, remedy)
        elif row.milestone not in milestones and not (milestone in each and feature and not features):
            remedy = instead(row.milestone, milestones, "add it to milestones.csv")
            yield table.fault(row, "milestone", f"the milestone `{row.milestone}` does not exist", remedy)
        if row.from_day >= row.until_day:
            message = f"the window ends on day {row.until_day}, where it begins or before"
            yield table.fault(row, "until_day", message, "write the first day after the window")
