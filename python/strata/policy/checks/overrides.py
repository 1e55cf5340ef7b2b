"""Overrides end, contradict nobody, and lead to what exists while they hold."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from strata.errors import Finding
from strata.policy.models import Override, SegmentOverride
from strata.policy.tables import Policy, Table
from strata.policy.words import instead

LONGEST = timedelta(days=400)


def overrides_end_after_they_start(policy: Policy) -> Iterator[Finding]:
    """An override holds for a time: it ends after it starts, and not in years."""
    for table in _tables(policy):
        for row in table:
            if row.ends_on <= row.starts_on:
                message = f"the override ends on {row.ends_on}, not after it starts on {row.starts_on}: it never holds"
                yield table.fault(row, "ends_on", message, "correct one of the dates, or delete the row")
            elif row.ends_on - row.starts_on > LONGEST:
                days = (row.ends_on - row.starts_on).days
                message = f"the override lasts {days} days: more than {LONGEST.days} is a rule, not an exception"
                yield table.fault(
                    row, "ends_on", message, "end it sooner and renew it on purpose, or make a rule", "warning"
                )


def overrides_do_not_contradict(policy: Policy) -> Iterator[Finding]:
    """No account has two overrides of the same thing on the same day."""
    yield from _overlaps(policy.health_overrides, lambda row: (row.account_id,))
    yield from _overlaps(policy.segment_overrides, lambda row: (row.account_id, getattr(row, "segment_scheme", None)))


def overrides_lead_somewhere(policy: Policy) -> Iterator[Finding]:
    """The segment of an override exists on every day it holds."""
    changes = policy.change_days()
    for row in policy.segment_overrides:
        days = [row.starts_on, *(day for day in changes if row.starts_on < day < row.ends_on)]
        for day in days:
            fault = _segment_on(policy, row, day)
            if fault is not None:
                yield fault
                break


def health_overrides_say_one_thing(policy: Policy) -> Iterator[Finding]:
    """A score or a band, not both, and a band that exists on the day it starts."""
    fault = policy.health_overrides.fault
    for row in policy.health_overrides:
        if (row.health_score is None) == (row.health_band is None):
            said = "neither a score nor a band" if row.health_score is None else "a score and a band"
            yield fault(row, "health_score", f"the override sets {said}", "write one of the two")
            continue
        bands = {band.band for band in policy.bands if band.band_set == "health" and band.holds_on(row.starts_on)}
        if row.health_band is not None and row.health_band not in bands:
            message = f"the health band `{row.health_band}` does not exist on {row.starts_on}"
            yield fault(row, "health_band", message, instead(row.health_band, bands, "name a band of bands.csv"))


def overrides_that_ended(policy: Policy, as_of: date) -> Iterator[Finding]:
    """Overrides that no longer hold on the day of the run: history needs them, the present does not feel them."""
    for table in _tables(policy):
        for row in table:
            if row.starts_on < row.ends_on <= as_of:
                message = f"the override ended on {row.ends_on} and holds no more on {as_of}"
                remedy = (
                    "none, if that is meant; to go on, add a row that starts then, and keep this one for the history"
                )
                yield table.fault(row, "ends_on", message, remedy, "warning")


def _tables(policy: Policy) -> tuple[Table[Override], ...]:
    return (policy.segment_overrides, policy.health_overrides)


def _segment_on(policy: Policy, row: SegmentOverride, day: date) -> Finding | None:
    schemes = {scheme.segment_scheme for scheme in policy.segment_schemes if scheme.holds_on(day)}
    segments = {
        one.segment for one in policy.segments if one.segment_scheme == row.segment_scheme and one.holds_on(day)
    }
    if row.segment_scheme not in schemes:
        remedy = instead(row.segment_scheme, schemes, "name a scheme of segment_schemes.csv")
        message = f"the scheme `{row.segment_scheme}` does not exist on {day}"
        return policy.segment_overrides.fault(row, "segment_scheme", message, remedy)
    if row.segment not in segments:
        remedy = instead(row.segment, segments, "name a segment of segments.csv")
        message = f"the segment `{row.segment}` of `{row.segment_scheme}` does not exist on {day}"
        return policy.segment_overrides.fault(row, "segment", message, remedy)
    return None


def _overlaps(table: Table[Override], what: Callable[[Override], Sequence[object]]) -> Iterator[Finding]:
    by_account: defaultdict[tuple[object, ...], list[Override]] = defaultdict(list)
    for row in table:
        if row.starts_on < row.ends_on:
            by_account[tuple(what(row))].append(row)
    for rows in by_account.values():
        rows.sort(key=lambda row: (row.starts_on, row.line))
        reached = rows[0]
        for row in rows[1:]:
            if row.starts_on < reached.ends_on:
                message = (
                    f"the override contradicts row {reached.line}, which holds the same account until {reached.ends_on}"
                )
                remedy = f"start it on {reached.ends_on}, end the other sooner, or delete one"
                yield table.fault(row, "starts_on", message, remedy)
            reached = max(reached, row, key=lambda one: one.ends_on)
