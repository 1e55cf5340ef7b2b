"""A milestone names a feature where its event is the use of one, and nowhere else."""

from collections.abc import Iterator

from strata.errors import Finding
from strata.policy.tables import Policy
from strata.policy.words import instead


def milestones_name_features(policy: Policy) -> Iterator[Finding]:
    """The event `feature` names a feature of the catalogue; the other events name none."""
    table = policy.milestones
    known = {row.feature for row in policy.feature_catalogue if row.feature is not None}
    for row in table:
        if row.milestone_event == "feature" and row.feature is None:
            message = f"the milestone `{row.milestone}` is the use of a feature and names none"
            yield table.fault(row, "feature", message, "name a feature of feature_catalogue.csv")
        elif row.milestone_event != "feature" and row.feature is not None:
            message = f"the event `{row.milestone_event}` is not the use of one feature"
            yield table.fault(row, "feature", message, "leave the cell empty, or write the event `feature`")
        elif row.feature is not None and known and row.feature not in known:
            remedy = instead(row.feature, known, "add its event to feature_catalogue.csv")
            yield table.fault(row, "feature", f"no event uses the feature `{row.feature}`", remedy)
