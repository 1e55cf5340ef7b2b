"""The curve of every component gives each value its points, once, and never fewer for a better value."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from strata.errors import Finding
from strata.policy.checks.bands import end, start
from strata.policy.models import ScoreComponent, ScorePoints
from strata.policy.tables import Policy
from strata.policy.vocabulary import HEALTH_MODEL
from strata.policy.words import instead, plain, span

LOWEST, MEDIAN, HIGHEST = Decimal(0), Decimal(50), Decimal(100)


def curves_are_whole_and_monotone(policy: Policy) -> Iterator[Finding]:
    """From its first bound to an open end a curve has no gap and no overlap, and it runs in the declared direction."""
    components = {row.component: row for row in policy.score_components}
    pieces: defaultdict[str, list[ScorePoints]] = defaultdict(list)
    for piece in policy.score_points:
        if piece.component in components:
            pieces[piece.component].append(piece)
        else:
            remedy = instead(piece.component, components, "add it to score_components.csv")
            yield policy.score_points.fault(
                piece, "component", f"the component `{piece.component}` does not exist", remedy
            )
    for name, component in components.items():
        if not pieces[name]:
            message = f"the component `{name}` has no points"
            yield policy.score_components.fault(component, "component", message, "add its curve to score_points.csv")
            continue
        curves: defaultdict[tuple[Decimal | None, Decimal | None], list[ScorePoints]] = defaultdict(list)
        for piece in sorted(pieces[name], key=lambda piece: (piece.lower_bound, piece.line)):
            curves[piece.threshold_from, piece.threshold_to].append(piece)
        yield from _thresholds(policy, component, [curve[0] for curve in curves.values()])
        for curve in curves.values():
            # A curve with holes has no direction to speak of, so that is judged once it is whole.
            yield from list(_holes(policy, curve)) or _falls(policy, component, curve)


def peers_are_there(policy: Policy) -> Iterator[Finding]:
    """A component judged among peers names a scheme that is known by then, and its curve is drawn over percentiles."""
    schemes = {row.segment_scheme for row in policy.segment_schemes}
    for row in policy.score_components:
        if row.peer_scheme is None:
            continue
        fault = policy.score_components.fault
        if row.score_model != HEALTH_MODEL:
            message = f"`{row.component}` is scored before anybody has a segment, so it has no peers"
            yield fault(row, "peer_scheme", message, "empty the cell")
        elif row.peer_scheme not in schemes:
            message = f"the scheme `{row.peer_scheme}` does not exist"
            yield fault(row, "peer_scheme", message, instead(row.peer_scheme, schemes, "add it to segment_schemes.csv"))
        else:
            yield from _percentiles(policy, row)


def _percentiles(policy: Policy, component: ScoreComponent) -> Iterator[Finding]:
    fault = policy.score_points.fault
    curve = [piece for piece in policy.score_points if piece.component == component.component]
    outside = [
        (piece, column, bound)
        for piece in curve
        for column, bound in (("lower_bound", piece.lower_bound), ("upper_bound", piece.upper_bound))
        if bound is not None and not LOWEST <= bound <= HIGHEST
    ]
    for piece, column, bound in outside[:1]:
        message = f"`{component.component}` is judged among peers, and no percentile is {plain(bound)}"
        yield fault(piece, column, message, "draw its curve over percentiles, 0 to 100, or empty its peer_scheme")
    flat = [piece for piece in curve if piece.upper_bound is None and piece.lower_bound < MEDIAN]
    for piece in flat[:1] if not outside else []:
        message = f"`{component.component}` gives the same points from the percentile {plain(piece.lower_bound)} on"
        remedy = "draw its curve over percentiles, 0 to 100, not over the values of its attribute"
        yield fault(piece, "lower_bound", message, remedy, "warning")


def _thresholds(policy: Policy, component: ScoreComponent, firsts: list[ScorePoints]) -> Iterator[Finding]:
    """The curves of a component follow one another from an open end to an open end; firsts: the first piece of each."""
    fault = policy.score_points.fault
    ordered = sorted(firsts, key=lambda piece: (start(piece.threshold_from), end(piece.threshold_to), piece.line))
    if component.threshold_attribute is None:
        for piece in ordered:
            if piece.threshold_from is not None or piece.threshold_to is not None:
                message = f"`{component.component}` names no threshold_attribute, so nothing chooses among curves"
                yield fault(piece, "threshold_from", message, "empty the cell, or name the attribute")
                return
    if ordered[0].threshold_from is not None:
        message = f"no curve of `{component.component}` is for values below {plain(ordered[0].threshold_from)}"
        yield fault(ordered[0], "threshold_from", message, "leave it empty in the first curve")
    for lower, upper in pairwise(ordered):
        if end(lower.threshold_to) != start(upper.threshold_from):
            message = f"the curve before (row {lower.line}) ends at {plain(lower.threshold_to, 'no threshold')}"
            yield fault(upper, "threshold_from", message, "begin a curve where the one before it ends")
            return
    if ordered[-1].threshold_to is not None:
        message = f"no curve of `{component.component}` is for values from {plain(ordered[-1].threshold_to)} on"
        yield fault(ordered[-1], "threshold_to", message, "leave it empty in the last curve")


def _holes(policy: Policy, curve: list[ScorePoints]) -> Iterator[Finding]:
    fault = policy.score_points.fault
    inverted = [piece for piece in curve if piece.upper_bound is not None and piece.upper_bound <= piece.lower_bound]
    for piece in inverted:
        message = f"the piece ends at {plain(piece.upper_bound)}, where it begins or before"
        yield fault(piece, "upper_bound", message, "write the smaller number into lower_bound")
    if inverted:
        return
    for lower, upper in pairwise(curve):
        if lower.upper_bound is None or lower.upper_bound > upper.lower_bound:
            message = f"the piece overlaps row {lower.line}, which holds {span(lower.lower_bound, lower.upper_bound)}"
            yield fault(upper, "lower_bound", message, "begin a piece where the one below it ends")
        elif lower.upper_bound < upper.lower_bound:
            hole = f"{plain(lower.upper_bound)} to {plain(upper.lower_bound)}"
            message = f"no piece of `{upper.component}` holds the values from {hole}"
            yield fault(
                upper, "lower_bound", message, f"begin this piece at {plain(lower.upper_bound)}, or add one between"
            )
    last = curve[-1]
    if last.upper_bound is not None:
        message = f"no piece of `{last.component}` holds the values from {plain(last.upper_bound)} on"
        yield fault(last, "upper_bound", message, "add a last piece with an empty upper_bound")
    elif last.points_at_lower != last.points_at_upper:
        message = "a piece without end cannot slope: its points at both bounds must be the same"
        yield fault(last, "points_at_upper", message, f"write {plain(last.points_at_lower)}, or give the piece an end")
    if len({piece.valid_from for piece in curve}) > 1:
        message = f"the pieces of `{last.component}` in force together come from several policy versions"
        latest = max(curve, key=lambda piece: (piece.valid_from, -piece.line))
        yield fault(latest, "valid_from", message, "when one piece of a curve changes, end all and write all anew")


def _falls(policy: Policy, component: ScoreComponent, curve: list[ScorePoints]) -> Iterator[Finding]:
    rising = component.direction == "higher_is_better"
    before = curve[0].points_at_lower
    for piece in curve:
        for column, points in (("points_at_lower", piece.points_at_lower), ("points_at_upper", piece.points_at_upper)):
            if (points < before) if rising else (points > before):
                way = "fall" if rising else "rise"
                change = f"points {way} from {plain(before)} to {plain(points)}"
                message = f"{change}, but `{component.component}` is {component.direction}"
                remedy = (
                    "a better value must never score less: change the points, or the direction in score_components.csv"
                )
                yield policy.score_points.fault(piece, column, message, remedy)
                return
            before = points
