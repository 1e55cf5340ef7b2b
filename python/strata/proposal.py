"""Weights that a calibration proposes, as a diff of the policy seeds that a person takes with `git apply`, or does not.

A change of policy is a version: the rows of the profile are ended on the day and written anew, nothing is corrected
in place. What gets no weight ends without a successor.
"""

import csv
import difflib
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import Any

from strata.errors import InputError

PROFILE = "standard"
VERSIONS, GROUPS, WEIGHTS, COMPONENTS = (
    "policy_versions.csv", "score_groups.csv", "score_weights.csv", "score_components.csv"
)  # fmt: skip
STEP = Decimal("0.1")

Rows = list[dict[str, str]]


def as_diff(policy_dir: Path, root: Path, proposal: Sequence[Mapping[str, Any]], as_of: date) -> str:
    """A unified diff, paths from root, that puts the proposal into force on the day after as_of.

    proposal: component, and `proposed` in per cent of the whole score. Raises InputError when nothing has a weight, or
    the policy changes on that day or later already.
    """
    shares = {one["component"]: Decimal(str(one["proposed"])) for one in proposal if one["proposed"] > 0}
    if not shares:
        raise InputError("the calibration gives no component a weight", "there is nothing to propose")
    day = as_of + timedelta(days=1)
    before = {name: (policy_dir / name).read_text(encoding="utf-8") for name in (VERSIONS, GROUPS, WEIGHTS)}
    versions = _read(before[VERSIONS])
    latest = max(versions, key=lambda row: row["valid_from"])
    if latest["valid_from"] >= day.isoformat() or latest["valid_to"]:
        raise InputError(
            f"the policy changes on {latest['valid_from']} already, not before the {day}", "propose from a later day"
        )
    version = f"calibrated_{day:%Y_%m_%d}"
    components = _read((policy_dir / COMPONENTS).read_text(encoding="utf-8"))
    group_of = {row["component"]: row["component_group"] for row in components if not row["valid_to"]}
    by_group: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for component, share in shares.items():
        by_group[group_of[component]][component] = share
    groups = hundred({group: sum(parts.values(), Decimal(0)) for group, parts in by_group.items()})
    # A group too small for a step of weight leaves, with its components.
    weights = {
        component: weight for group in groups for component, weight in hundred(by_group[group]).items()
    }  # fmt: skip
    new = {"valid_from": day.isoformat(), "valid_to": "", "policy_version": version}
    after = {
        VERSIONS: [
            *({**row, "valid_to": day.isoformat()} if row is latest else row for row in versions),
            {
                **new,
                "author": "strata calibrate",
                "note": f"Weights of the profile {PROFILE} as churn would have them.",
            },
        ],
        GROUPS: _changed(_read(before[GROUPS]), "component_group", groups, new),
        WEIGHTS: _changed(_read(before[WEIGHTS]), "component", weights, new),
    }
    return "".join(
        _diff((policy_dir / name).relative_to(root).as_posix(), before[name], _write(before[name], after[name]))
        for name in (VERSIONS, GROUPS, WEIGHTS)
    )


def hundred(shares: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Shares as per cent in whole steps that sum to 100, by largest remainder; what is too small for a step leaves."""
    total = sum(shares.values(), Decimal(0))
    exact = {name: 100 * share / total for name, share in shares.items()}
    kept = {name: one.quantize(STEP, ROUND_DOWN) for name, one in exact.items()}
    over = int((100 - sum(kept.values(), Decimal(0))) / STEP)
    for name in sorted(exact, key=lambda name: (kept[name] - exact[name], name))[:over]:
        kept[name] += STEP
    return {name: one for name, one in kept.items() if one > 0}


def _changed(rows: Rows, column: str, weights: Mapping[str, Decimal], new: Mapping[str, str]) -> Rows:
    """The rows of the profile ended where their weight differs, and the new ones after the last of the profile."""
    kept, last = [], 0
    standing = {
        row[column]: Decimal(row["weight"]) for row in rows if row["profile"] == PROFILE and not row["valid_to"]
    }
    for row in rows:
        mine = row["profile"] == PROFILE
        ends = mine and not row["valid_to"] and weights.get(row[column]) != standing[row[column]]
        kept.append({**row, "valid_to": new["valid_from"]} if ends else row)
        last = len(kept) if mine else last
    added = [
        {"profile": PROFILE, column: name, "weight": f"{weight:f}", **new}
        for name, weight in weights.items()
        if weight != standing.get(name)
    ]
    return [*kept[:last], *added, *kept[last:]]


def _read(text: str) -> Rows:
    return list(csv.DictReader(io.StringIO(text)))


def _write(like: str, rows: Rows) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, like.splitlines()[0].split(","), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _diff(path: str, before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(True), after.splitlines(True), f"a/{path}", f"b/{path}")
    return "".join(lines)
