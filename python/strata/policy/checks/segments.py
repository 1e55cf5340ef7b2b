"""Schemes have segments and a rule set, segments have a scheme, and a team can run as many as there are."""

from collections import Counter
from collections.abc import Iterator

from strata.errors import Finding
from strata.policy.tables import Policy
from strata.policy.vocabulary import RESERVED_SCHEMES, RESERVED_SEGMENTS, TOUCH_SCHEME
from strata.policy.words import instead, plain


def schemes_are_whole(policy: Policy) -> Iterator[Finding]:
    """Every scheme has segments and a rule set that exists; every segment belongs to a scheme."""
    table = policy.segment_schemes
    schemes = {row.segment_scheme for row in table}
    rule_sets = {row.rule_set for row in policy.rule_sets}
    if TOUCH_SCHEME not in schemes:
        yield table.fault(
            None, None, f"the scheme `{TOUCH_SCHEME}` is missing", "add it: the models assign its segments"
        )
    counts = Counter(row.segment_scheme for row in policy.segments)
    for row in table:
        if row.rule_set not in rule_sets:
            remedy = instead(row.rule_set, rule_sets, "add it to rule_sets.csv")
            yield table.fault(row, "rule_set", f"the rule set `{row.rule_set}` does not exist", remedy)
        elif row.segment_scheme == TOUCH_SCHEME and row.rule_set != TOUCH_SCHEME:
            message = f"the scheme `{TOUCH_SCHEME}` is decided by the rule set `{TOUCH_SCHEME}`, not `{row.rule_set}`"
            yield table.fault(row, "rule_set", message, f"write `{TOUCH_SCHEME}`")
        if not counts[row.segment_scheme]:
            message = f"the scheme `{row.segment_scheme}` has no segments"
            yield table.fault(row, "segment_scheme", message, "add them to segments.csv")
        if row.segment_scheme in RESERVED_SCHEMES:
            message = f"`{row.segment_scheme}` is what public tables call all schemes together"
            yield table.fault(row, "segment_scheme", message, "give the scheme another name")
    for segment in policy.segments:
        if segment.segment_scheme not in schemes:
            remedy = instead(segment.segment_scheme, schemes, "add it to segment_schemes.csv")
            message = f"the scheme `{segment.segment_scheme}` does not exist"
            yield policy.segments.fault(segment, "segment_scheme", message, remedy)
        if segment.segment in RESERVED_SEGMENTS:
            message = f"`{segment.segment}` is what public tables call accounts without a segment"
            yield policy.segments.fault(segment, "segment", message, "give the segment another name")


def stability_can_hold(policy: Policy) -> Iterator[Finding]:
    """What is kept from flipping is a scheme that exists, with ranks by which a change is up or down."""
    table = policy.segment_stability
    schemes = {row.segment_scheme for row in policy.segment_schemes}
    ranked = Counter(row.segment_scheme for row in policy.segments if row.segment_rank is not None)
    for row in table:
        if row.segment_scheme not in schemes:
            remedy = instead(row.segment_scheme, schemes, "add it to segment_schemes.csv")
            message = f"the scheme `{row.segment_scheme}` does not exist"
            yield table.fault(row, "segment_scheme", message, remedy)
        elif ranked[row.segment_scheme] < 2:
            message = f"fewer than two segments of `{row.segment_scheme}` have a rank: nothing can be up or down"
            yield table.fault(row, "segment_scheme", message, "fill segment_rank in segments.csv, or delete the row")


def followers_have_ranks(policy: Policy) -> Iterator[Finding]:
    """Where accounts follow their parents, segments have ranks: who has none neither follows nor is followed."""
    ranked = {row.segment_scheme for row in policy.segments if row.segment_rank is not None}
    for row in policy.segment_schemes:
        if row.follows_parent and row.segment_scheme not in ranked:
            message = f"no segment of `{row.segment_scheme}` has a rank: no account follows its parent"
            remedy = "fill segment_rank in segments.csv, or write false"
            yield policy.segment_schemes.fault(row, "follows_parent", message, remedy)


def crosswalks_name_segments(policy: Policy) -> Iterator[Finding]:
    """Both sides of a crosswalk are segments that exist, of two schemes."""
    table = policy.segment_crosswalks
    segments: dict[str, set[str]] = {}
    for segment in policy.segments:
        segments.setdefault(segment.segment_scheme, set()).add(segment.segment)
    for row in table:
        sides = (
            ("segment_scheme", row.segment_scheme, "segment", row.segment),
            ("other_scheme", row.other_scheme, "other_segment", row.other_segment),
        )
        for scheme_column, scheme, column, name in sides:
            if scheme not in segments:
                remedy = instead(scheme, segments, "add it to segment_schemes.csv, or delete the row")
                yield table.fault(row, scheme_column, f"the scheme `{scheme}` does not exist", remedy)
            elif name not in segments[scheme]:
                remedy = instead(name, segments[scheme], "add it to segments.csv, or delete the row")
                yield table.fault(row, column, f"`{name}` is not a segment of the scheme `{scheme}`", remedy)
        if row.segment_scheme == row.other_scheme:
            message = f"the scheme `{row.segment_scheme}` is held against itself"
            yield table.fault(row, "other_scheme", message, "name another scheme, or delete the row")


def segments_can_be_run(policy: Policy) -> Iterator[Finding]:
    """No scheme has more segments than the parameter maximum_segments."""
    limit = next((row.parameter_value for row in policy.parameters if row.parameter == "maximum_segments"), None)
    counts = Counter(row.segment_scheme for row in policy.segments)
    for row in policy.segment_schemes:
        if limit is not None and counts[row.segment_scheme] > limit:
            message = (
                f"the scheme `{row.segment_scheme}` has {counts[row.segment_scheme]} segments, "
                f"more than the {plain(limit)} of parameter `maximum_segments`"
            )
            yield policy.segment_schemes.fault(
                row, "segment_scheme", message, "merge some: each is a way of working", "warning"
            )
