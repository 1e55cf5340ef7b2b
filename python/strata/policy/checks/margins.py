"""Margins belong to a scheme that confirms by them, move a number that decides in it, and can be passed."""

from collections.abc import Iterator
from decimal import Decimal

from strata.errors import Finding, Severity
from strata.policy.checks.attributes import IN_CATALOGUE, types_of
from strata.policy.models import BandSet, SegmentMargin
from strata.policy.tables import Policy
from strata.policy.vocabulary import BAND_OF, BANDED, KNOWN_TO_PLAYS_ALONE
from strata.policy.words import instead, plain, ticked


def margins_are_there(policy: Policy) -> Iterator[Finding]:
    """A scheme that confirms by a margin has one; a scheme that counts snapshots has none."""
    table = policy.segment_margins
    with_margin = {row.segment_scheme for row in table}
    confirmed_by = {row.segment_scheme: row.confirmed_by for row in policy.segment_stability}
    for row in policy.segment_stability:
        if row.confirmed_by != "snapshots" and row.segment_scheme not in with_margin:
            message = f"`{row.segment_scheme}` is confirmed by a margin and has none"
            remedy = "add it to segment_margins.csv, or write `snapshots`"
            yield policy.segment_stability.fault(row, "confirmed_by", message, remedy)
    for margin in table:
        if margin.segment_scheme not in confirmed_by:
            message = f"the scheme `{margin.segment_scheme}` has no row in segment_stability.csv"
            remedy = instead(margin.segment_scheme, confirmed_by, "add it there, with what confirms a change")
            yield table.fault(margin, "segment_scheme", message, remedy)
        elif confirmed_by[margin.segment_scheme] == "snapshots":
            message = f"nothing reads the margin: `{margin.segment_scheme}` is confirmed by snapshots"
            remedy = "delete the row, or write margin or either into confirmed_by of segment_stability.csv"
            yield table.fault(margin, "segment_scheme", message, remedy)


def margins_can_be_passed(policy: Policy) -> Iterator[Finding]:
    """A margin is positive, of a number by which its scheme decides, and leaves room to pass every edge."""
    types = types_of(policy)
    schemes = {row.segment_scheme for row in policy.segment_schemes}
    for row in policy.segment_margins:
        if row.segment_scheme not in schemes:
            continue
        fault = policy.segment_margins.fault
        if row.attribute not in types:
            message = f"attribute `{row.attribute}` is unknown"
            yield fault(row, "attribute", message, instead(row.attribute, types, IN_CATALOGUE))
            continue
        if types[row.attribute] != "number":
            message = f"`{row.attribute}` is a {types[row.attribute]}: it has no margin"
            yield fault(row, "attribute", message, "name a number")
            continue
        deciding = _deciding(policy, row.segment_scheme)
        if row.attribute in KNOWN_TO_PLAYS_ALONE or row.attribute not in deciding:
            message = f"`{row.attribute}` decides nothing in the scheme `{row.segment_scheme}`"
            yield fault(
                row, "attribute", message, f"name one of {ticked(sorted(deciding))}" if deciding else "delete it"
            )
            continue
        yield from _sizes(policy, row)


def _deciding(policy: Policy, scheme: str) -> set[str]:
    """The numbers by which the rules of a scheme decide, those behind the bands they name included."""
    rule_sets = {row.rule_set for row in policy.segment_schemes if row.segment_scheme == scheme}
    named = {row.attribute for row in policy.rule_conditions if row.rule_set in rule_sets}
    types = types_of(policy)
    behind = {BANDED[band_set] for band_set, text in BAND_OF.items() if text in named}
    return {name for name in named if types.get(name) == "number"} | behind


def _sizes(policy: Policy, row: SegmentMargin) -> Iterator[Finding]:
    fault = policy.segment_margins.fault
    for column, margin in (("margin_up", row.margin_up), ("margin_down", row.margin_down)):
        if margin < 0:
            message = f"a margin of {plain(margin)} lies on the wrong side of the edge"
            yield fault(row, column, message, "write 0 or more")
        elif row.margin_unit == "share" and margin >= 1:
            message = f"a margin of {plain(margin)} is the whole value and more: nothing is ever beyond it"
            yield fault(row, column, message, "write a share below 1, such as 0.1")
        else:
            for band_set in policy.band_sets:
                if band_set.band_set in BAND_OF and BANDED[band_set.band_set] == row.attribute:
                    yield from _room(policy, row, column, margin, band_set)


def _room(policy: Policy, row: SegmentMargin, column: str, margin: Decimal, scale: BandSet) -> Iterator[Finding]:
    """Edges that no value of the scale passes by the margin: from one side a warning, for up may be the other side."""
    share = row.margin_unit == "share"
    highest, lowest = scale.scale_upper, scale.scale_lower
    for band in policy.bands:
        edge = band.lower_bound
        if band.band_set != scale.band_set or edge is None or edge == lowest:
            continue
        above = highest is None or highest - (margin * highest if share else margin) >= edge
        below = lowest is None or lowest + (margin * lowest if share else margin) < edge
        if not (above and below):
            end = highest if not above else lowest
            where = "from no side" if not (above or below) else "towards " + plain(end)
            message = f"the edge of `{band.band}` at {plain(edge)} cannot be passed by {plain(margin)} {where}"
            severity: Severity = "warning" if above or below else "error"
            yield policy.segment_margins.fault(row, column, message, "make the margin smaller", severity)
            return
