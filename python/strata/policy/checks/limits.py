"""Hard rules look at known attributes, from the worse side only: a better value never lowers a score (law 7)."""

from collections.abc import Iterator

from strata.errors import Finding
from strata.policy.checks.attributes import IN_CATALOGUE, MEASURES, types_of
from strata.policy.models import ScoreLimit
from strata.policy.tables import Policy
from strata.policy.vocabulary import KNOWN_TO_PLAYS_ALONE
from strata.policy.words import instead


def limits_hold_from_one_side(policy: Policy) -> Iterator[Finding]:
    """One bound, of a known number or flag; for an attribute that is scored, on the side its direction calls worse."""
    types = types_of(policy)
    directions = {row.attribute: row.direction for row in policy.score_components if row.score_model == "health"}
    fault = policy.score_limits.fault
    for row in policy.score_limits:
        if row.attribute not in types:
            remedy = instead(row.attribute, types, IN_CATALOGUE)
            yield fault(row, "attribute", f"attribute `{row.attribute}` is unknown", remedy)
        elif types[row.attribute] not in MEASURES:
            message = f"attribute `{row.attribute}` is a {types[row.attribute]}; here a number or flag is needed"
            yield fault(row, "attribute", message, "name an attribute of that type")
        elif row.attribute in KNOWN_TO_PLAYS_ALONE:
            message = f"attribute `{row.attribute}` is not known yet when the score is limited"
            yield fault(row, "attribute", message, "name an attribute that is known before it")
        elif (row.lower_bound is None) == (row.upper_bound is None):
            told = "no bound: it holds for everybody" if row.lower_bound is None else "two bounds: a value may leave it"
            remedy = "write one of lower_bound and upper_bound"
            yield fault(row, "lower_bound", f"the {row.limit_kind} `{row.score_limit}` has {told}", remedy)
        elif row.attribute in directions and not _from_the_right_side(row, directions[row.attribute]):
            message = f"`{row.attribute}` is {directions[row.attribute]}: a better value would lower the score"
            yield fault(row, "limit_kind", message, "move the bound to the other side, or delete the row")


def _from_the_right_side(row: ScoreLimit, direction: str) -> bool:
    """A cap takes the worse values, a floor the better ones."""
    takes_high = row.lower_bound is not None
    high_is_worse = direction == "lower_is_better"
    return takes_high == high_is_worse if row.limit_kind == "cap" else takes_high != high_is_worse
