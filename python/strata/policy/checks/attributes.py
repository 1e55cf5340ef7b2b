"""Every attribute that the policy uses is in the catalogue, of a type that fits the use, and known by then."""

from collections.abc import Collection, Iterator

from strata.errors import Finding
from strata.policy.models import ScoreComponent
from strata.policy.tables import Policy
from strata.policy.vocabulary import BANDED, KNOWN_TO_PLAYS_ALONE, TOO_LATE_FOR_SCORE_MODEL
from strata.policy.words import instead

IN_CATALOGUE = "add it to attributes.csv once account_features computes it"
MEASURES = ("number", "flag")


def types_of(policy: Policy) -> dict[str, str]:
    """Attribute -> number, text or flag."""
    return {row.attribute: row.data_type for row in policy.attributes}


def band_sets_cut_known_attributes(policy: Policy) -> Iterator[Finding]:
    """A band set cuts the number that the models cut by it."""
    types = types_of(policy)
    results = set(BANDED.values())
    for row in policy.band_sets:
        if row.attribute not in types and row.attribute not in results:
            remedy = instead(row.attribute, {*types, *results}, IN_CATALOGUE)
            yield policy.band_sets.fault(row, "attribute", f"attribute `{row.attribute}` is unknown", remedy)
        elif row.band_set not in BANDED:
            message = f"no model reads the band set `{row.band_set}`"
            remedy = instead(row.band_set, BANDED, "delete it and its bands")
            yield policy.band_sets.fault(row, "band_set", message, remedy, "warning")
        elif row.attribute != BANDED[row.band_set]:
            message = f"the band set `{row.band_set}` cuts `{BANDED[row.band_set]}`, not `{row.attribute}`"
            yield policy.band_sets.fault(row, "attribute", message, f"write `{BANDED[row.band_set]}`")
    missing = [name for name in BANDED if name not in {row.band_set for row in policy.band_sets}]
    for name in missing:
        message = f"the band set `{name}` is missing"
        yield policy.band_sets.fault(None, None, message, f"add it, for the attribute `{BANDED[name]}`, and its bands")


def ages_are_days(policy: Policy) -> Iterator[Finding]:
    """What says how old an attribute is, is a number of days in the catalogue, and has a limit."""
    rows = {row.attribute: row for row in policy.attributes}
    for row in policy.attributes:
        fault = policy.attributes.fault
        if row.age_attribute is None:
            continue
        age = rows.get(row.age_attribute)
        if age is None:
            message = f"attribute `{row.age_attribute}` is unknown"
            yield fault(row, "age_attribute", message, instead(row.age_attribute, rows, IN_CATALOGUE))
        elif (age.data_type, age.unit) != ("number", "days"):
            message = f"`{row.age_attribute}` is no number of days"
            yield fault(row, "age_attribute", message, "name the age of the value")
        elif row.maximum_age_days is None:
            message = f"`{row.attribute}` has an age and no limit: it never gets too old"
            yield fault(row, "maximum_age_days", message, "fill it, or empty age_attribute")


def components_use_known_attributes(policy: Policy) -> Iterator[Finding]:
    """What a component scores, and what decides whether it counts, is known and of the right type."""
    for row in policy.score_components:
        uses: tuple[tuple[str, str | None, Collection[str]], ...] = (
            ("attribute", row.attribute, MEASURES),
            ("per_attribute", row.per_attribute, ("number",)),
            ("threshold_attribute", row.threshold_attribute, ("number",)),
            ("applies_attribute", row.applies_attribute, ("flag",)),
            ("evidence_attribute", row.evidence_attribute, ("number",)),
            ("age_attribute", row.age_attribute, ("number",)),
        )
        for column, attribute, fitting in uses:
            if attribute is not None:
                yield from _use(policy, row, column, attribute, fitting)
        yield from _pair(policy, row, "evidence_attribute", "minimum_evidence")
        yield from _pair(policy, row, "age_attribute", "maximum_age_days")


def _use(
    policy: Policy, row: ScoreComponent, column: str, attribute: str, fitting: Collection[str]
) -> Iterator[Finding]:
    types = types_of(policy)
    table = policy.score_components
    if attribute not in types:
        remedy = instead(attribute, types, IN_CATALOGUE)
        yield table.fault(row, column, f"attribute `{attribute}` is unknown", remedy)
    elif types[attribute] not in fitting:
        message = f"attribute `{attribute}` is a {types[attribute]}; here a {' or '.join(fitting)} is needed"
        yield table.fault(row, column, message, "name an attribute of that type")
    elif attribute in KNOWN_TO_PLAYS_ALONE:
        message = f"attribute `{attribute}` is not known yet when `{row.component}` is scored"
        yield table.fault(row, column, message, "name an attribute that is known before it")
    elif attribute in TOO_LATE_FOR_SCORE_MODEL.get(row.score_model, ()):
        message = f"attribute `{attribute}` is the result of the score model `{row.score_model}` itself"
        yield table.fault(row, column, message, "name an attribute that is known before it")


def _pair(policy: Policy, row: ScoreComponent, name: str, limit: str) -> Iterator[Finding]:
    named, limited = getattr(row, name) is not None, getattr(row, limit) is not None
    if named != limited:
        empty, filled = (limit, name) if named else (name, limit)
        message = f"`{filled}` is given and `{empty}` is empty: one says nothing without the other"
        yield policy.score_components.fault(row, empty, message, "fill both, or neither")
