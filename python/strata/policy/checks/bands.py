"""The bands of a set cover its scale once: no gap, no overlap, nothing beyond it."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from strata.errors import Finding
from strata.policy.models import Band, BandSet
from strata.policy.tables import Policy
from strata.policy.vocabulary import HEALTH_BANDS
from strata.policy.words import instead, plain

INFINITE = Decimal("Infinity")


def start(bound: Decimal | None) -> Decimal:
    """The lower end; empty is unbounded."""
    return -INFINITE if bound is None else bound


def end(bound: Decimal | None) -> Decimal:
    """The upper end; empty is unbounded."""
    return INFINITE if bound is None else bound


def bands_cover_their_scale(policy: Policy) -> Iterator[Finding]:
    """Every value of the scale lies in exactly one band, and bands are numbered 1, 2, 3 from the lowest."""
    sets = {row.band_set: row for row in policy.band_sets}
    members: defaultdict[str, list[Band]] = defaultdict(list)
    for band in policy.bands:
        if band.band_set in sets:
            members[band.band_set].append(band)
        else:
            remedy = instead(band.band_set, sets, "add it to band_sets.csv")
            yield policy.bands.fault(band, "band_set", f"the band set `{band.band_set}` does not exist", remedy)
    for name, band_set in sets.items():
        if not members[name]:
            yield policy.band_sets.fault(
                band_set, "band_set", f"the band set `{name}` has no bands", "add them to bands.csv"
            )
            continue
        yield from _hysteresis(policy, band_set, members[name])
        findings = list(_scale(policy, band_set, members[name]))
        yield from findings or _numbers(policy, members[name])


def _hysteresis(policy: Policy, band_set: BandSet, bands: list[Band]) -> Iterator[Finding]:
    """Only bands that are kept from flickering have one, and it leaves room between the edges."""
    if band_set.hysteresis is None:
        return
    widths = [end(band.upper_bound) - start(band.lower_bound) for band in bands]
    fault = policy.band_sets.fault
    if band_set.band_set != HEALTH_BANDS:
        message = f"no model reads a hysteresis of the band set `{band_set.band_set}`"
        yield fault(band_set, "hysteresis", message, "leave the cell empty")
    elif not 0 <= 2 * band_set.hysteresis < min(widths, default=INFINITE):
        message = f"a hysteresis of {plain(band_set.hysteresis)} leaves no room in the narrowest band"
        yield fault(band_set, "hysteresis", message, "write 0 or more, and less than half of the narrowest band")


def _scale(policy: Policy, band_set: BandSet, bands: list[Band]) -> Iterator[Finding]:
    fault = policy.bands.fault
    if end(band_set.scale_upper) <= start(band_set.scale_lower):
        message = f"the scale of `{band_set.band_set}` ends before it begins"
        yield policy.band_sets.fault(band_set, "scale_upper", message, "correct scale_lower or scale_upper")
        return
    inverted = [band for band in bands if end(band.upper_bound) <= start(band.lower_bound)]
    for band in inverted:
        message = f"the band `{band.band}` ends at {plain(band.upper_bound)}, where it begins or before"
        yield fault(band, "upper_bound", message, "write the smaller number into lower_bound")
    if inverted:
        return
    ordered = sorted(bands, key=lambda band: (start(band.lower_bound), end(band.upper_bound), band.line))
    yield from _edges(policy, band_set, ordered)
    reached = ordered[0]
    for band in ordered[1:]:
        if end(reached.upper_bound) > start(band.lower_bound):
            until = plain(reached.upper_bound)
            message = f"the band `{band.band}` overlaps `{reached.band}` (row {reached.line}), which ends at {until}"
            yield fault(band, "lower_bound", message, "begin a band where the one below it ends")
        elif end(reached.upper_bound) < start(band.lower_bound):
            message = f"no band holds the values from {plain(reached.upper_bound)} to {plain(band.lower_bound)}"
            remedy = f"begin `{band.band}` at {plain(reached.upper_bound)}, or add a band between"
            yield fault(band, "lower_bound", message, remedy)
        reached = max(reached, band, key=lambda one: end(one.upper_bound))
    if len({band.valid_from for band in bands}) > 1:
        message = f"the bands of `{band_set.band_set}` in force together come from several policy versions"
        latest = max(bands, key=lambda band: (band.valid_from, -band.line))
        yield fault(latest, "valid_from", message, "when one band of a set changes, end all and write all anew")


def _edges(policy: Policy, band_set: BandSet, ordered: list[Band]) -> Iterator[Finding]:
    lowest = ordered[0]
    highest = max(ordered, key=lambda band: end(band.upper_bound))
    below, above = start(band_set.scale_lower), end(band_set.scale_upper)
    if start(lowest.lower_bound) != below:
        effect = "leaving a gap" if start(lowest.lower_bound) > below else "beyond it"
        yield _edge(
            policy,
            lowest,
            "lower_bound",
            band_set.scale_lower,
            f"{{}} begins at {{}}, its lowest band at {{}}, {effect}",
        )
    if end(highest.upper_bound) != above:
        effect = "leaving a gap" if end(highest.upper_bound) < above else "beyond it"
        yield _edge(
            policy,
            highest,
            "upper_bound",
            band_set.scale_upper,
            f"{{}} ends at {{}}, its highest band at {{}}, {effect}",
        )


def _edge(policy: Policy, band: Band, column: str, scale: Decimal | None, words: str) -> Finding:
    message = words.format(
        f"the scale of `{band.band_set}`", plain(scale, "no bound"), plain(getattr(band, column), "no bound")
    )
    remedy = f"write {plain(scale)} here" if scale is not None else "leave the cell empty"
    return policy.bands.fault(band, column, message, remedy)


def _numbers(policy: Policy, bands: list[Band]) -> Iterator[Finding]:
    for number, band in enumerate(sorted(bands, key=lambda band: start(band.lower_bound)), start=1):
        if band.band_order != number:
            message = f"the band `{band.band}` is number {number} from the bottom, not {band.band_order}"
            yield policy.bands.fault(
                band, "band_order", message, "number the bands 1, 2, 3 from the lowest to the highest"
            )
            return
