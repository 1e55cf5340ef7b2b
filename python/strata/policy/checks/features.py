"""A feature of a system is one bit of a set, and a bit is one feature."""

from collections.abc import Collection, Iterator

from strata.errors import Finding
from strata.policy.models import Feature
from strata.policy.tables import Policy


def features_and_bits_go_together(policy: Policy) -> Iterator[Finding]:
    """Within a system, feature and bit name each other; no feature, no bit."""
    fault = policy.feature_catalogue.fault
    bit_of: dict[tuple[str, str], Feature] = {}
    feature_of: dict[tuple[str, int], Feature] = {}
    for row in policy.feature_catalogue:
        if row.feature is None:
            if row.feature_bit != 0:
                message = f"the event `{row.event_name}` has the bit {row.feature_bit} and no feature"
                yield fault(row, "feature_bit", message, "name the feature, or write 0")
            continue
        if row.feature_bit.bit_count() != 1:
            message = f"the bit of `{row.feature}` is {row.feature_bit}, which is no power of two"
            yield fault(row, "feature_bit", message, "write a power of two that no other feature of the system has")
            continue
        same_feature = bit_of.setdefault((row.source_system, row.feature), row)
        same_bit = feature_of.setdefault((row.source_system, row.feature_bit), row)
        if same_feature.feature_bit != row.feature_bit:
            message = (
                f"the feature `{row.feature}` has the bit {same_feature.feature_bit} in row {same_feature.line} already"
            )
            yield fault(row, "feature_bit", message, f"write {same_feature.feature_bit}")
        elif same_bit.feature != row.feature:
            message = (
                f"the bit {row.feature_bit} belongs to the feature `{same_bit.feature}` of row {same_bit.line} already"
            )
            yield fault(row, "feature_bit", message, "write a power of two that no other feature of the system has")


def systems_are_in_the_catalogue(policy: Policy, systems: Collection[str]) -> Iterator[Finding]:
    """Of every system that tells of use some event is known: else nobody knows what its customers use."""
    known = {row.source_system for row in policy.feature_catalogue}
    for system in sorted(set(systems) - known):
        message = (
            f"no event of `{system}` is in the catalogue: features, first value, failures and skill of who uses it are"
            " not known"
        )
        remedy = "add a row for each name in usage_events.event_name; which of them are core is for you to say"
        yield Finding("warning", policy.feature_catalogue.file, None, "source_system", message, remedy)
