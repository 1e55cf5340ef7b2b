"""The stages that models know by their names are there."""

from collections.abc import Iterator

from strata.errors import Finding
from strata.policy.tables import Policy
from strata.policy.vocabulary import AT_RISK_STAGE


def stages_are_there(policy: Policy) -> Iterator[Finding]:
    """Nothing else in the seed says which stage holds the customers who may leave."""
    if AT_RISK_STAGE not in {row.stage for row in policy.stages}:
        message = f"the stage `{AT_RISK_STAGE}` is missing: portfolios count its customers as at risk"
        yield policy.stages.fault(None, "stage", message, "give the stage of customers who may leave that name")
