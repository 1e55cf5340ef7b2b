"""Profiles, groups, components and weights fit together, and every hundred per cent is a hundred."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from strata.errors import Finding
from strata.policy.models import Row, ScoreGroup, ScoreWeight
from strata.policy.tables import Policy, Table
from strata.policy.vocabulary import HEALTH_MODEL, SKILL_MODEL, SKILL_PROFILE
from strata.policy.words import instead, plain

ALL = Decimal(100)


def profiles_are_there(policy: Policy) -> Iterator[Finding]:
    """Each score model has the profiles that the models look for, and each profile has groups."""
    table = policy.score_profiles
    if not any(row.score_model == HEALTH_MODEL for row in table):
        yield table.fault(None, None, f"no profile of the score model `{HEALTH_MODEL}`", "add at least one")
    skill = [row for row in table if row.score_model == SKILL_MODEL]
    if not any(row.profile == SKILL_PROFILE for row in skill):
        message = f"the profile `{SKILL_PROFILE}` of the score model `{SKILL_MODEL}` is missing"
        yield table.fault(None, None, message, "add it with its groups and weights")
    for row in skill:
        if row.profile != SKILL_PROFILE:
            message = (
                f"nothing chooses the profile `{row.profile}`: the model `{SKILL_MODEL}` has only `{SKILL_PROFILE}`"
            )
            yield table.fault(row, "profile", message, f"write `{SKILL_PROFILE}`, or delete it", "warning")
    with_groups = {group.profile for group in policy.score_groups}
    for row in table:
        if row.profile not in with_groups:
            message = f"the profile `{row.profile}` has no groups"
            yield table.fault(row, "profile", message, "add them with their weights to score_groups.csv")


def weights_fit_together(policy: Policy) -> Iterator[Finding]:
    """Groups belong to profiles, weighted components to groups of their profile, and neither stands empty."""
    models = {row.profile: row.score_model for row in policy.score_profiles}
    groups = {(row.profile, row.component_group) for row in policy.score_groups}
    components = {row.component: row for row in policy.score_components}
    filled: set[tuple[str, str]] = set()
    for group in policy.score_groups:
        yield from _known_profile(policy.score_groups, group, group.profile, models)
    for row in policy.score_weights:
        fault = policy.score_weights.fault
        yield from _known_profile(policy.score_weights, row, row.profile, models)
        component = components.get(row.component)
        if component is None:
            remedy = instead(row.component, components, "add it to score_components.csv")
            yield fault(row, "component", f"the component `{row.component}` does not exist", remedy)
            continue
        filled.add((row.profile, component.component_group))
        if row.profile in models and component.score_model != models[row.profile]:
            message = f"`{row.component}` is of the score model `{component.score_model}`, the profile of another"
            yield fault(row, "component", message, "weigh components of the profile's own score model")
        elif row.profile in models and (row.profile, component.component_group) not in groups:
            group_name = f"`{component.component_group}`"
            message = f"`{row.component}` is of the group {group_name}, which the profile `{row.profile}` does not have"
            yield fault(row, "component", message, "add the group to score_groups.csv, or take the weight out")
    for group in policy.score_groups:
        if group.profile in models and (group.profile, group.component_group) not in filled:
            message = f"no component of the profile `{group.profile}` is in the group `{group.component_group}`"
            yield policy.score_groups.fault(
                group, "component_group", message, "weigh one in score_weights.csv, or delete the group"
            )


def weights_sum_to_hundred(policy: Policy) -> Iterator[Finding]:
    """The groups of a profile weigh 100 together, and so do the components of each of its groups."""
    by_profile: defaultdict[str, list[ScoreGroup]] = defaultdict(list)
    for group in policy.score_groups:
        by_profile[group.profile].append(group)
    for profile, groups in by_profile.items():
        what = f"the groups of the profile `{profile}`"
        yield from _hundred(policy.score_groups, groups, [group.weight for group in groups], what)
    group_of = {row.component: row.component_group for row in policy.score_components}
    by_group: defaultdict[tuple[str, str], list[ScoreWeight]] = defaultdict(list)
    for weight in policy.score_weights:
        if weight.component in group_of:
            by_group[weight.profile, group_of[weight.component]].append(weight)
    for (profile, name), weights in by_group.items():
        what = f"the components of the group `{name}` in the profile `{profile}`"
        yield from _hundred(policy.score_weights, weights, [weight.weight for weight in weights], what)


def components_are_weighed(policy: Policy) -> Iterator[Finding]:
    """A component without weight in any profile is computed for nothing."""
    weighed = {row.component for row in policy.score_weights}
    for row in policy.score_components:
        if row.component not in weighed:
            message = f"the component `{row.component}` has no weight in any profile and counts nowhere"
            yield policy.score_components.fault(
                row, "component", message, "weigh it in score_weights.csv, or delete it", "warning"
            )


def _known_profile(table: Table[Row], row: Row, profile: str, models: Mapping[str, str]) -> Iterator[Finding]:
    if profile not in models:
        remedy = instead(profile, models, "add it to score_profiles.csv")
        yield table.fault(row, "profile", f"the profile `{profile}` does not exist", remedy)


def _hundred(table: Table[Row], rows: Sequence[Row], weights: Sequence[Decimal], what: str) -> Iterator[Finding]:
    total = sum(weights, Decimal(0))
    if total != ALL:
        lines = ", ".join(str(row.line) for row in rows)
        message = f"the weights of {what} sum to {plain(total)}, not 100 (rows {lines})"
        short = f"{plain(ALL - total)} too little" if total < ALL else f"{plain(total - ALL)} too much"
        yield table.fault(rows[0], "weight", message, f"change them until they sum to 100: now it is {short}")
