"""Law 9: whatever is wrong with the policy is refused by name, file and row.

Every case copies the shipped seeds, makes one mistake, and expects exactly the findings that this mistake should give:
no fewer, and no noise beside them.
"""

import csv
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import islice, pairwise, product
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import pytest
import yaml
from dbt_runs import ROOT, copy_parts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from strata.errors import Finding
from strata.policy import check_policy, models
from strata.policy.checks import EACH_CHANGE, ONCE
from strata.policy.checks.bands import bands_cover_their_scale
from strata.policy.checks.points import curves_are_whole_and_monotone
from strata.policy.checks.reach import rules_are_reached
from strata.policy.checks.sizes import lists_fit_a_number
from strata.policy.loader import load_policy
from strata.policy.models import Band, Row, Rule, RuleCondition, ScorePoints
from strata.policy.tables import Table
from strata.policy.vocabulary import BANDED, PARAMETERS, RULE_SETS

R = TypeVar("R", bound=Row)

SEEDS = ROOT / "seeds"
AS_OF = date(2026, 6, 30)
START = date(2000, 1, 1)


@dataclass(frozen=True)
class Seeds:
    """A copy of the seeds that a case may spoil. Rows are lines of the file; the header is line 1."""

    root: Path

    def path(self, name: str) -> Path:
        folder = "policy" if (self.root / "policy" / f"{name}.csv").exists() else "crosswalks"
        return self.root / folder / f"{name}.csv"

    def read(self, name: str) -> list[list[str]]:
        with self.path(name).open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))

    def write(self, name: str, rows: list[list[str]]) -> None:
        with self.path(name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)

    def line(self, name: str, **cells: str) -> int:
        """The line of the only row with these cells."""
        return self.lines(name, **cells)[0]

    def lines(self, name: str, **cells: str) -> list[int]:
        header, *rows = self.read(name)
        wanted = [(header.index(column), value) for column, value in cells.items()]
        found = [line for line, row in enumerate(rows, 2) if all(row[place] == value for place, value in wanted)]
        assert found, f"{name} has no row {cells}"
        return found

    def cell(self, name: str, line: int, column: str) -> str:
        rows = self.read(name)
        return rows[line - 1][rows[0].index(column)]

    def set(self, name: str, line: int, **cells: str) -> None:
        rows = self.read(name)
        for column, value in cells.items():
            rows[line - 1][rows[0].index(column)] = value
        self.write(name, rows)

    def drop(self, name: str, *lines: int) -> None:
        self.write(name, [row for line, row in enumerate(self.read(name), 1) if line not in lines])

    def add(self, name: str, **cells: str) -> int:
        """Appends a row, in force from the first version on unless told otherwise; its line."""
        header, *rows = self.read(name)
        filled = {"valid_from": str(START), "policy_version": "v1"} | cells
        assert set(cells) <= set(header)
        self.write(name, [header, *rows, [filled.get(column, "") for column in header]])
        return len(rows) + 2

    def second_version(self, begins: str = "2026-01-01") -> None:
        line = self.line("policy_versions", policy_version="v1")
        self.set("policy_versions", line, valid_to=begins)
        self.add("policy_versions", policy_version="v2", valid_from=begins, author="Operations", note="Second.")

    def check(self) -> list[Finding]:
        return check_policy(self.root / "policy", self.root / "crosswalks", as_of=AS_OF, reporting_currency="USD")


@pytest.fixture
def seeds(tmp_path: Path) -> Seeds:
    for folder in ("policy", "crosswalks"):
        (tmp_path / folder).mkdir()
        for path in (SEEDS / folder).glob("*.csv"):
            shutil.copy(path, tmp_path / folder)
    return Seeds(tmp_path)


# --- The table of mistakes -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Expected:
    """Where one finding must stand and what it must say."""

    file: str
    row: int | None
    column: str | None
    words: str
    severity: str = "error"


Mistake = Callable[[Seeds], list[Expected]]


SAME = "the column that was changed"


def cell(file: str, where: dict[str, str], column: str, value: str, words: str, at: str | None = SAME) -> Mistake:
    """One cell changed, and one finding in its row: in that column unless `at` names another (None: no column)."""

    def mistake(seeds: Seeds) -> list[Expected]:
        line = seeds.line(file, **where)
        seeds.set(file, line, **{column: value})
        return [Expected(file, line, column if at == SAME else at, words)]

    return mistake


def added(file: str, column: str | None, words: str, severity: str = "error", /, **cells: str) -> Mistake:
    """One row added, and one finding in it."""

    def mistake(seeds: Seeds) -> list[Expected]:
        return [Expected(file, seeds.add(file, **cells), column, words, severity)]

    return mistake


OVERDUE = {"score_limit": "long_overdue"}


def missing_file(seeds: Seeds) -> list[Expected]:
    seeds.path("bands").unlink()
    return [Expected("bands", None, None, "file is missing")]


def renamed_file(seeds: Seeds) -> list[Expected]:
    seeds.path("stages").rename(seeds.root / "policy" / "stage.csv")
    return [
        Expected("stages", None, None, "file is missing"),
        Expected("stage", None, None, "nothing reads this file", "warning"),
    ]


def missing_crosswalk(seeds: Seeds) -> list[Expected]:
    seeds.path("rejection_reasons").unlink()
    return [Expected("rejection_reasons", None, None, "file is missing")]


def missing_column(seeds: Seeds) -> list[Expected]:
    seeds.write("score_weights", [[*row[:2], *row[3:]] for row in seeds.read("score_weights")])
    return [Expected("score_weights", 1, "weight", "is missing")]


def renamed_column(seeds: Seeds) -> list[Expected]:
    header, *rows = seeds.read("bands")
    seeds.write("bands", [["lower" if column == "lower_bound" else column for column in header], *rows])
    return [Expected("bands", 1, "lower_bound", "`lower` stands in the header")]


def unknown_column(seeds: Seeds) -> list[Expected]:
    header, *rows = seeds.read("stages")
    seeds.write("stages", [[*header, "colour"], *([*row, "red"] for row in rows)])
    return [Expected("stages", 1, "colour", "not a column of this seed")]


def column_twice(seeds: Seeds) -> list[Expected]:
    seeds.write("stages", [[*row, row[0]] for row in seeds.read("stages")])
    return [Expected("stages", 1, "stage", "stands in the header twice")]


def no_rows(seeds: Seeds) -> list[Expected]:
    seeds.write("score_groups", seeds.read("score_groups")[:1])
    return [Expected("score_groups", None, None, "a header and no row")]


def no_bytes(seeds: Seeds) -> list[Expected]:
    seeds.path("rules").write_bytes(b"")
    return [Expected("rules", None, None, "not even a header")]


def semicolons(seeds: Seeds) -> list[Expected]:
    path = seeds.path("parameters")
    path.write_text(path.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    return [Expected("parameters", 1, None, "not separated by commas")]


def not_utf8(seeds: Seeds) -> list[Expected]:
    line = seeds.line("stages", stage="value")
    seeds.set("stages", line, description="Größe")
    path = seeds.path("stages")
    path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))
    return [Expected("stages", line, None, "not UTF-8")]


def open_quote(seeds: Seeds) -> list[Expected]:
    with seeds.path("stages").open("a", encoding="utf-8") as file:
        file.write('"never closed,1')
    return [Expected("stages", None, None, "cannot be read as CSV")]


def unquoted_comma(seeds: Seeds) -> list[Expected]:
    rows = seeds.read("stages")
    rows[3].append("more")
    seeds.write("stages", rows)
    return [Expected("stages", 4, None, "cells where the header has")]


def blank_line(seeds: Seeds) -> list[Expected]:
    with seeds.path("stages").open("a", encoding="utf-8") as file:
        file.write("\n")
    return [Expected("stages", len(seeds.read("stages")), None, "row is empty")]


def row_after_cell_of_two_lines(seeds: Seeds) -> list[Expected]:
    # The quoted description of the row before spans two lines, so the faulty row is one line further down.
    line = seeds.line("stages", stage="adoption")
    seeds.set("stages", line, description="First users\nare at work.")
    seeds.set("stages", line + 1, stall_after_days="soon")
    return [Expected("stages", line + 2, "stall_after_days", "'soon' is not a whole number")]


def two_bad_cells(seeds: Seeds) -> list[Expected]:
    line = seeds.line("score_points", component="nps", lower_bound="7")
    seeds.set("score_points", line, points_at_lower="sixty", points_at_upper="101")
    return [
        Expected("score_points", line, "points_at_lower", "'sixty' is not a number"),
        Expected("score_points", line, "points_at_upper", "'101' is more than 100"),
    ]


def gap_in_bands(seeds: Seeds) -> list[Expected]:
    line = seeds.line("bands", band_set="value", band="large")
    seeds.drop("bands", seeds.line("bands", band_set="value", band="medium"))
    # Without the middle band its neighbours leave a hole, and what was said about the band says nothing any more.
    conditions = seeds.lines("rule_conditions", attribute="value_band", text_value="medium")
    return [
        Expected("bands", line - 1, "lower_bound", "no band holds the values from 500 to 2500"),
        *(Expected("rule_conditions", row, "text_value", "`value_band` is never `medium`") for row in conditions),
    ]


def no_bands(seeds: Seeds) -> list[Expected]:
    seeds.drop("bands", *seeds.lines("bands", band_set="confidence"))
    return [Expected("band_sets", seeds.line("band_sets", band_set="confidence"), "band_set", "has no bands")]


def band_set_missing(seeds: Seeds) -> list[Expected]:
    seeds.drop("band_sets", seeds.line("band_sets", band_set="confidence"))
    return [
        Expected("band_sets", None, None, "band set `confidence` is missing"),
        *(Expected("bands", row, "band_set", "does not exist") for row in seeds.lines("bands", band_set="confidence")),
    ]


def matrix_gap(seeds: Seeds) -> list[Expected]:
    seeds.drop("rules", seeds.line("rules", rule_id="medium_unknown"))
    seeds.drop("rule_conditions", *seeds.lines("rule_conditions", rule_id="medium_unknown"))
    return [Expected("rules", None, None, "matches customers of value band `medium` and sophistication `unknown`")]


def matrix_leak(seeds: Seeds) -> list[Expected]:
    seeds.add(
        "rule_conditions", rule_set="touch_model", rule_id="medium_unknown", attribute="employees", lower_bound="10"
    )
    return [Expected("rules", None, None, "leave some customers of value band `medium`", "warning")]


def rule_without_conditions(seeds: Seeds) -> list[Expected]:
    seeds.drop("rule_conditions", seeds.line("rule_conditions", rule_id="adoption"))
    return [Expected("rules", seeds.line("rules", rule_id="adoption"), None, "2 later rules never match")]


def rule_behind_wider_rule(seeds: Seeds) -> list[Expected]:
    line = seeds.line("rules", rule_set="journey_stage", rule_id="adoption")
    seeds.set("rules", line, rule_order="85")
    wider = rf"`adoption` (row {line}) takes all its accounts first"
    return [
        Expected("rules", seeds.line("rules", rule_id=rule), "rule_order", wider)
        for rule in ("value_by_seats", "value_by_habit")
    ]


def rule_behind_rules_together(seeds: Seeds) -> list[Expected]:
    # Below 50 and from 50 on are every number there is: no single rule hides the third, the two together do.
    place = {"rule_set": "journey_stage", "outcome": "at_risk", "description": "Tickets."}
    for rule, order, lower, upper in (("few", "14", "", "50"), ("many", "15", "50", "")):
        seeds.add("rules", rule_id=rule, rule_order=order, **place)
        for attribute, bounds in (("open_tickets", (lower, upper)), ("days_overdue", ("400", ""))):
            seeds.add(
                "rule_conditions",
                rule_set="journey_stage",
                rule_id=rule,
                attribute=attribute,
                lower_bound=bounds[0],
                upper_bound=bounds[1],
            )
    line = seeds.add("rules", rule_id="some", rule_order="16", **place)
    for attribute, lower in (("open_tickets", "20"), ("days_overdue", "500")):
        seeds.add("rule_conditions", rule_set="journey_stage", rule_id="some", attribute=attribute, lower_bound=lower)
    return [Expected("rules", line, "rule_order", "the rules before it together")]


def contradictory_bounds(seeds: Seeds) -> list[Expected]:
    first = seeds.line("rule_conditions", rule_id="onboarding_new", attribute="days_since_first_paid")
    line = seeds.add(
        "rule_conditions",
        rule_set="journey_stage",
        rule_id="onboarding_new",
        attribute="days_since_first_paid",
        lower_bound="30",
    )
    return [
        Expected("rule_conditions", line, None, f"contradicts row {first}: the rule `onboarding_new` never matches")
    ]


def contradictory_texts(seeds: Seeds) -> list[Expected]:
    cells = {"rule_set": "touch_model", "rule_id": "large_novice", "attribute": "value_band"}
    line = seeds.add("rule_conditions", **cells, text_value="small")
    return [
        Expected("rule_conditions", line, None, "the rule `large_novice` never matches"),
        Expected("rules", None, None, "matches customers of value band `large` and sophistication `novice`"),
    ]


def condition_of_no_rule(seeds: Seeds) -> list[Expected]:
    line = seeds.line("rule_conditions", rule_id="renewal_near", attribute="days_to_renewal")
    seeds.set("rule_conditions", line, rule_id="renewal_nearr")
    return [Expected("rule_conditions", line, "rule_id", "the rule `renewal_nearr` does not exist")]


def flag_beyond_one(seeds: Seeds) -> list[Expected]:
    line = seeds.line("rule_conditions", rule_id="value_by_seats", attribute="has_first_value")
    seeds.set("rule_conditions", line, lower_bound="2")
    return [Expected("rule_conditions", line, None, "`has_first_value` is 0 or 1")]


def group_weights_of_99(seeds: Seeds) -> list[Expected]:
    lines = seeds.lines("score_groups", profile="standard")
    seeds.set("score_groups", seeds.line("score_groups", profile="standard", component_group="sentiment"), weight="11")
    return [Expected("score_groups", lines[0], "weight", "the groups of the profile `standard` sum to 99, not 100")]


SENTIMENT = ("nps", "csat", "ticket_sentiment")


def component_weights_of_101(seeds: Seeds) -> list[Expected]:
    lines = seeds.lines("score_weights", profile="onboarding")
    first = min(seeds.line("score_weights", profile="onboarding", component=name) for name in SENTIMENT)
    csat = seeds.line("score_weights", profile="onboarding", component="csat")
    seeds.set("score_weights", csat, weight=str(int(seeds.cell("score_weights", csat, "weight")) + 1))
    assert first in lines
    return [Expected("score_weights", first, "weight", "group `sentiment` in the profile `onboarding` sum to 101")]


def weights_of_later_version(seeds: Seeds) -> list[Expected]:
    seeds.second_version()
    old = seeds.line("score_groups", profile="standard", component_group="sentiment")
    seeds.set("score_groups", old, valid_to="2026-01-01")
    seeds.add(
        "score_groups",
        profile="standard",
        component_group="sentiment",
        weight="13",
        valid_from="2026-01-01",
        policy_version="v2",
    )
    first = seeds.lines("score_groups", profile="standard")[0]
    return [
        Expected("score_groups", first, "weight", "sum to 101, not 100 (rows 2, 3, 4, 5, 6, 21) (policy of 2026-01-01)")
    ]


def group_missing(seeds: Seeds) -> list[Expected]:
    seeds.drop("score_groups", seeds.line("score_groups", profile="standard", component_group="sentiment"))
    seeds.set("score_groups", seeds.line("score_groups", profile="standard", component_group="usage"), weight="50")
    return [
        Expected("score_weights", seeds.line("score_weights", profile="standard", component=name), "component", words)
        for name in SENTIMENT
        for words in (f"`{name}` is of the group `sentiment`, which the profile `standard` does not have",)
    ]


YOUNG = {"component": "feature_breadth"}


def threshold_of_nothing(seeds: Seeds) -> list[Expected]:
    seeds.set("score_components", seeds.line("score_components", **YOUNG), threshold_attribute="")
    line = seeds.lines("score_points", **YOUNG)[0]
    return [Expected("score_points", line, "threshold_from", "nothing chooses among curves")]


def thresholds_with_a_gap(seeds: Seeds) -> list[Expected]:
    lines = seeds.lines("score_points", **YOUNG, threshold_from="90")
    for line in lines:
        seeds.set("score_points", line, threshold_from="100")
    return [Expected("score_points", lines[0], "threshold_from", "ends at 90")]


def curves_without_a_last(seeds: Seeds) -> list[Expected]:
    seeds.drop("score_points", *seeds.lines("score_points", **YOUNG, threshold_from="90"))
    line = seeds.lines("score_points", **YOUNG)[0]
    return [Expected("score_points", line, "threshold_to", "is for values from 90 on")]


def among_peers(seeds: Seeds, *bounds: str, scheme: str = "touch_model", component: str = "ticket_load") -> None:
    """Judges a component among peers, with a falling curve over bounds; the lines of the shipped curve go."""
    seeds.set("score_components", seeds.line("score_components", component=component), peer_scheme=scheme)
    seeds.drop("score_points", *seeds.lines("score_points", component=component))
    points = ["100", *["0"] * len(bounds)]
    for place, bound in enumerate(bounds):
        upper = bounds[place + 1] if place + 1 < len(bounds) else ""
        ends = (points[place], points[place + 1]) if upper else (points[place], points[place])
        seeds.add("score_points", component=component, lower_bound=bound, upper_bound=upper,
                  points_at_lower=ends[0], points_at_upper=ends[1])  # fmt: skip


def peers_beyond_the_scale(seeds: Seeds) -> list[Expected]:
    among_peers(seeds, "0", "120")
    line = seeds.lines("score_points", component="ticket_load")[0]
    return [Expected("score_points", line, "upper_bound", "no percentile is 120")]


def peers_by_the_curve_of_values(seeds: Seeds) -> list[Expected]:
    seeds.set("score_components", seeds.line("score_components", component="ticket_load"), peer_scheme="touch_model")
    line = seeds.lines("score_points", component="ticket_load")[-1]
    return [Expected("score_points", line, "lower_bound", "the same points from the percentile 2 on", "warning")]


def direction_turned(seeds: Seeds) -> list[Expected]:
    seeds.set("score_components", seeds.line("score_components", component="csat"), direction="lower_is_better")
    line = seeds.lines("score_points", component="csat")[0]
    return [Expected("score_points", line, "points_at_upper", "but `csat` is lower_is_better")]


def group_emptied(seeds: Seeds) -> list[Expected]:
    for name in SENTIMENT:
        seeds.drop("score_weights", *(seeds.lines("score_weights", profile="standard", component=name)))
    line = seeds.line("score_groups", profile="standard", component_group="sentiment")
    return [Expected("score_groups", line, "component_group", "no component of the profile `standard`")]


def profile_without_groups(seeds: Seeds) -> list[Expected]:
    line = seeds.add(
        "score_profiles", score_model="health", profile="quiet", coverage_floor="0.5", description="Quiet."
    )
    return [Expected("score_profiles", line, "profile", "has no groups")]


def component_without_weight(seeds: Seeds) -> list[Expected]:
    line = seeds.add(
        "score_components",
        score_model="health",
        component="meetings",
        component_group="relationship",
        attribute="meetings_90d",
        direction="higher_is_better",
        description="Meetings.",
    )
    seeds.add("score_points", component="meetings", lower_bound="0", points_at_lower="50", points_at_upper="50")
    return [Expected("score_components", line, "component", "has no weight in any profile", "warning")]


def component_without_points(seeds: Seeds) -> list[Expected]:
    seeds.drop("score_points", *seeds.lines("score_points", component="skill_admin"))
    line = seeds.line("score_components", component="skill_admin")
    return [Expected("score_components", line, "component", "`skill_admin` has no points")]


def curve_without_end(seeds: Seeds) -> list[Expected]:
    last = seeds.line("score_points", component="last_seen", upper_bound="")
    seeds.drop("score_points", last)
    return [Expected("score_points", last - 1, "upper_bound", "no piece of `last_seen` holds the values from 30 on")]


def curve_with_gap(seeds: Seeds) -> list[Expected]:
    middle = seeds.line("score_points", component="last_seen", lower_bound="3")
    seeds.drop("score_points", middle)
    return [Expected("score_points", middle, "lower_bound", "holds the values from 3 to 30")]


def play_without_rules(seeds: Seeds) -> list[Expected]:
    line = seeds.line("plays", play="renewal_near")
    seeds.set("plays", line, rule_set="play_renewals")
    unread = seeds.line("rule_sets", rule_set="play_renewal_near")
    return [
        Expected("plays", line, "rule_set", "the rule set `play_renewals` does not exist"),
        Expected("rule_sets", unread, "rule_set", "no model evaluates the rule set", "warning"),
    ]


def stage_with_another_name(seeds: Seeds) -> list[Expected]:
    seeds.set("stages", seeds.line("stages", stage="at_risk"), stage="in_danger")
    for line in seeds.lines("rules", rule_set="journey_stage", outcome="at_risk"):
        seeds.set("rules", line, outcome="in_danger")
    return [Expected("stages", None, "stage", "the stage `at_risk` is missing")]


def two_plays_by_one_rule_set(seeds: Seeds) -> list[Expected]:
    first = seeds.line("plays", play="renewal_near")
    line = seeds.add(
        "plays",
        play="renewal_letter",
        rule_set="play_renewal_near",
        play_group="letters",
        priority="10",
        owner_role="csm",
        action="Write.",
        due_days="7",
        cool_down_days="90",
    )
    return [Expected("plays", line, "rule_set", f"is that of the play `renewal_near` (row {first}) already")]


def effort_missing(seeds: Seeds) -> list[Expected]:
    seeds.drop("efforts", seeds.line("efforts", effort="ticket"))
    return [Expected("efforts", None, "effort", "the effort `ticket` is missing")]


def too_many_segments(seeds: Seeds) -> list[Expected]:
    for number in range(10, 15):
        seeds.add(
            "segments",
            segment_scheme="touch_model",
            segment=f"segment_{number}",
            segment_order=str(number),
            description="One more.",
        )
    line = seeds.line("segment_schemes", segment_scheme="touch_model")
    return [Expected("segment_schemes", line, "segment_scheme", "has 9 segments, more than the 8", "warning")]


def scheme_without_segments(seeds: Seeds) -> list[Expected]:
    line = seeds.add(
        "segment_schemes", segment_scheme="region", rule_set="regions", follows_parent="false", description="By region."
    )
    return [
        Expected("segment_schemes", line, "rule_set", "the rule set `regions` does not exist"),
        Expected("segment_schemes", line, "segment_scheme", "has no segments"),
    ]


def stability_of_no_scheme(seeds: Seeds) -> list[Expected]:
    line = seeds.add(
        "segment_stability", segment_scheme="touch", confirmed_by="snapshots", confirm_up_snapshots="1",
        confirm_down_snapshots="2", takes_effect="at_once",
    )  # fmt: skip
    return [Expected("segment_stability", line, "segment_scheme", "the scheme `touch` does not exist")]


def stability_without_ranks(seeds: Seeds) -> list[Expected]:
    for segment in ("top", "core"):
        line = seeds.line("segments", segment_scheme="value_tier", segment=segment)
        seeds.set("segments", line, segment_rank="")
    line = seeds.line("segment_stability", segment_scheme="value_tier")
    return [Expected("segment_stability", line, "segment_scheme", "fewer than two segments of `value_tier`")]


def margin(seeds: Seeds, confirmed_by: str = "either", **cells: str) -> int:
    """A margin of the touch model, which is confirmed as told; the line of the margin."""
    line = seeds.line("segment_stability", segment_scheme="touch_model")
    seeds.set("segment_stability", line, confirmed_by=confirmed_by)
    filled = {"attribute": "mrr", "margin_unit": "absolute", "margin_up": "50", "margin_down": "50"} | cells
    return seeds.add("segment_margins", segment_scheme="touch_model", **filled)


def bad_margin(column: str | None, words: str, severity: str = "error", /, **cells: str) -> Mistake:
    """A margin of the touch model with one mistake."""

    def mistake(seeds: Seeds) -> list[Expected]:
        return [Expected("segment_margins", margin(seeds, **cells), column, words, severity)]

    return mistake


def margin_of_no_scheme(seeds: Seeds) -> list[Expected]:
    line = seeds.add(
        "segment_margins", segment_scheme="touch", attribute="mrr", margin_unit="share", margin_up="0.1",
        margin_down="0.1",
    )  # fmt: skip
    return [Expected("segment_margins", line, "segment_scheme", "`touch` has no row in segment_stability.csv")]


def scheme_called_total(seeds: Seeds) -> list[Expected]:
    line = seeds.add(
        "segment_schemes", segment_scheme="total", rule_set="value_tier", follows_parent="false", description="All."
    )
    for segment in ("top", "core", "entry", "unassigned"):
        order = str(len(segment))
        seeds.add(
            "segments", segment_scheme="total", segment=segment, segment_order=order if segment != "core" else "9",
            description="All.",
        )  # fmt: skip
    return [Expected("segment_schemes", line, "segment_scheme", "`total` is what public tables call all schemes")]


PIN = {
    "override_id": "o1",
    "account_id": "salesforce:1",
    "segment_scheme": "touch_model",
    "segment": "high_touch",
    "author": "Operations",
    "reason": "Asked for by the board.",
    "starts_on": "2026-01-01",
    "ends_on": "2026-12-31",
    "policy_version": "v1",
}
MARK = {key: value for key, value in PIN.items() if not key.startswith("segment")} | {"health_score": "55"}


PULSE = {
    "pulse_id": "p1",
    "account_id": "salesforce:1",
    "pulse": "40",
    "author": "Operations",
    "reason": "Nobody answers.",
    "given_on": "2026-01-01",
    "expires_on": "2026-04-01",
    "policy_version": "v1",
}


def pulses_on_one_day(seeds: Seeds) -> list[Expected]:
    first = seeds.add("csm_pulses", **PULSE)
    # Another account on that day, and the same account later, while the first still holds, say one thing each.
    seeds.add("csm_pulses", **(PULSE | {"pulse_id": "p2", "account_id": "salesforce:2"}))
    seeds.add("csm_pulses", **(PULSE | {"pulse_id": "p3", "given_on": "2026-02-01"}))
    line = seeds.add("csm_pulses", **(PULSE | {"pulse_id": "p4", "pulse": "90"}))
    return [Expected("csm_pulses", line, "given_on", f"row {first} gives the same account a pulse on 2026-01-01")]


def overlapping_pins(seeds: Seeds) -> list[Expected]:
    first = seeds.add("segment_overrides", **PIN)
    # Another account at the same time, and the same account afterwards, contradict nobody.
    seeds.add("segment_overrides", **(PIN | {"override_id": "o2", "account_id": "salesforce:2"}))
    seeds.add("segment_overrides", **(PIN | {"override_id": "o3", "starts_on": "2026-12-31", "ends_on": "2027-02-01"}))
    line = seeds.add(
        "segment_overrides", **(PIN | {"override_id": "o4", "starts_on": "2026-03-01", "ends_on": "2026-08-01"})
    )
    return [Expected("segment_overrides", line, "starts_on", f"contradicts row {first}")]


def pin_to_later_segment(seeds: Seeds) -> list[Expected]:
    seeds.second_version("2026-05-01")
    line = seeds.line("segments", segment="unassigned")
    cells = dict(zip(seeds.read("segments")[0], seeds.read("segments")[line - 1], strict=True))
    later = {"segment": "white_glove", "segment_order": "8", "valid_from": "2026-05-01", "policy_version": "v2"}
    seeds.add("segments", **(cells | later))
    row = seeds.add("segment_overrides", **(PIN | {"segment": "white_glove"}))
    return [Expected("segment_overrides", row, "segment", "does not exist on 2026-01-01")]


def currency_gap(seeds: Seeds) -> list[Expected]:
    seeds.set("currency_rates", seeds.line("currency_rates", currency="EUR"), valid_to="2026-01-01")
    line = seeds.add(
        "currency_rates", currency="EUR", minor_unit_digits="2", rate_to_reporting="1.1", valid_from="2026-02-01"
    )
    return [Expected("currency_rates", line, "valid_from", "`EUR` has no rate from 2026-01-01 to 2026-02-01")]


RISK = {
    "risk_model": "m1", "term": "intercept", "coefficient": "1.5", "value_when_missing": "0.25", "lead_days": "60",
    "horizon_days": "30", "fitted_until": "2026-01-01", "valid_from": "2026-01-01",
}  # fmt: skip


def risk(**cells: str) -> Callable[[str, str], Mistake]:
    """A model of the churn risk with one coefficient, in which something is wrong."""

    def finding(column: str, words: str) -> Mistake:
        def mistake(seeds: Seeds) -> list[Expected]:
            seeds.add("churn_risk_coefficients", **(RISK | {key: cells[key] for key in cells if key == "fitted_until"}))
            line = seeds.add("churn_risk_coefficients", **(RISK | {"term": "nps"} | cells))
            lines = [line - 1, line] if column == "fitted_until" else [line]
            return [Expected("churn_risk_coefficients", one, column, words) for one in lines]

        return mistake

    return finding


def risks_at_once(seeds: Seeds) -> list[Expected]:
    seeds.add("churn_risk_coefficients", **(RISK | {"valid_to": "2026-03-02"}))
    later = {"risk_model": "m2", "valid_from": "2026-03-01"}
    line = seeds.add("churn_risk_coefficients", **(RISK | later | {"term": "intercept"}))
    return [
        Expected("churn_risk_coefficients", line, "term", "already, for the same time"),
        Expected("churn_risk_coefficients", line, "valid_from", "`m1` and `m2` would score at once from 2026-03-01 on"),
    ]


def currency_overlap(seeds: Seeds) -> list[Expected]:
    first = seeds.line("currency_rates", currency="EUR")
    line = seeds.add(
        "currency_rates", currency="EUR", minor_unit_digits="2", rate_to_reporting="1.1", valid_from="2026-02-01"
    )
    return [Expected("currency_rates", line, "currency", f"`EUR` is in row {first} already, for the same time")]


def reporting_currency_missing(seeds: Seeds) -> list[Expected]:
    seeds.drop("currency_rates", seeds.line("currency_rates", currency="USD"))
    return [Expected("currency_rates", None, "currency", "the reporting currency `USD` has no rate")]


def parameter_missing(seeds: Seeds) -> list[Expected]:
    seeds.drop("parameters", seeds.line("parameters", parameter="health_trend_days"))
    return [Expected("parameters", None, "parameter", "`health_trend_days` is missing")]


def duplicate_row(seeds: Seeds) -> list[Expected]:
    rows = seeds.read("score_weights")
    seeds.write("score_weights", [*rows, rows[4]])
    return [Expected("score_weights", len(rows) + 1, None, "is in row 5 already, for the same time")]


def versions_with_gap(seeds: Seeds) -> list[Expected]:
    seeds.second_version()
    seeds.set("policy_versions", seeds.line("policy_versions", policy_version="v1"), valid_to="2025-12-01")
    line = seeds.line("policy_versions", policy_version="v2")
    return [Expected("policy_versions", line, "valid_from", "no version is in force from 2025-12-01 to 2026-01-01")]


def versions_overlapping(seeds: Seeds) -> list[Expected]:
    seeds.second_version()
    first = seeds.line("policy_versions", policy_version="v1")
    seeds.set("policy_versions", first, valid_to="")
    line = seeds.line("policy_versions", policy_version="v2")
    return [Expected("policy_versions", line, "valid_from", f"`v1` (row {first}) and `v2` are in force at once")]


def last_version_ends(seeds: Seeds) -> list[Expected]:
    line = seeds.line("policy_versions", policy_version="v1")
    seeds.set("policy_versions", line, valid_to="2027-01-01")
    return [Expected("policy_versions", line, "valid_to", "no version is in force from 2027-01-01 on")]


def change_without_version(seeds: Seeds) -> list[Expected]:
    old = seeds.line("parameters", parameter="health_trend_days")
    seeds.set("parameters", old, valid_to="2026-02-01")
    new = seeds.add(
        "parameters",
        parameter="health_trend_days",
        parameter_value="30",
        unit="days",
        description="Longer.",
        valid_from="2026-02-01",
    )
    return [
        Expected("parameters", old, "valid_to", "ends on 2026-02-01, when no policy version begins"),
        Expected("parameters", new, "valid_from", "begins on 2026-02-01, its version `v1` on 2000-01-01"),
    ]


def half_of_a_band_set_changed(seeds: Seeds) -> list[Expected]:
    seeds.second_version()
    old = seeds.line("bands", band_set="confidence", band="high")
    seeds.set("bands", old, valid_to="2026-01-01")
    new = seeds.add(
        "bands",
        band_set="confidence",
        band="sure",
        band_order="3",
        lower_bound="0.85",
        upper_bound="1",
        valid_from="2026-01-01",
        policy_version="v2",
    )
    return [Expected("bands", new, "valid_from", "come from several policy versions")]


def weight_removed_from_all(seeds: Seeds) -> list[Expected]:
    line = seeds.line("score_components", component="nps")
    weights = [int(seeds.cell("score_weights", row, "weight")) for row in seeds.lines("score_weights", component="nps")]
    for row in reversed(seeds.lines("score_weights", component="nps")):
        seeds.drop("score_weights", row)
    for row, freed in zip(seeds.lines("score_weights", component="csat"), weights, strict=True):
        seeds.set("score_weights", row, weight=str(int(seeds.cell("score_weights", row, "weight")) + freed))
    return [Expected("score_components", line, "component", "counts nowhere", "warning")]


VALUE_MEDIUM = {"band_set": "value", "band": "medium"}
LAST_SEEN = {"component": "last_seen"}
NOVICE = {"rule_id": "large_novice", "attribute": "sophistication"}
PAID = {"rule_id": "gone_quiet", "attribute": "days_since_paid_again"}
USAGE = {"profile": "high_touch", "component_group": "usage"}
SEGMENT_BIT = {"source_system": "segment", "event_name": "report_created"}

MISTAKES: dict[str, Mistake] = {
    # Files, columns, cells
    "missing file": missing_file,
    "renamed file": renamed_file,
    "missing crosswalk": missing_crosswalk,
    "missing column": missing_column,
    "renamed column": renamed_column,
    "unknown column": unknown_column,
    "column twice": column_twice,
    "header without rows": no_rows,
    "empty file": no_bytes,
    "semicolons": semicolons,
    "not utf-8": not_utf8,
    "quote never closed": open_quote,
    "unquoted comma": unquoted_comma,
    "blank line": blank_line,
    "row after a cell of two lines": row_after_cell_of_two_lines,
    "two bad cells in one row": two_bad_cells,
    "text in a number": cell("score_weights", {"component": "nps"}, "weight", "forty", "'forty' is not a number"),
    "separator in a number": cell("bands", VALUE_MEDIUM, "upper_bound", "2,500", "'2,500' is not a number"),
    "infinity": cell("bands", VALUE_MEDIUM, "upper_bound", "Infinity", "'Infinity' is not a number"),
    "too many decimals": cell("score_groups", USAGE, "weight", "35.00001", "has more than 4 decimals"),
    "too many digits": cell("bands", VALUE_MEDIUM, "upper_bound", "9" * 15, "has too many digits"),
    "weight of nothing": cell("score_groups", USAGE, "weight", "0", "'0' is not more than 0"),
    "fraction of a day": cell("stages", {"stage": "buying"}, "stall_after_days", "1.5", "'1.5' is not a whole number"),
    "share in hundredths": cell("stages", {"stage": "onboarding"}, "stall_percentile", "75", "'75' is more than 1"),
    "day first": cell("policy_versions", {}, "valid_from", "01.01.2000", "'01.01.2000' is not a date"),
    "no such day": cell("bands", VALUE_MEDIUM, "valid_from", "2025-02-30", "'2025-02-30' is not a date"),
    "empty cell": cell("rules", {"rule_id": "trial"}, "outcome", "", "the cell is empty"),
    "the word null": cell("bands", {"band": "large"}, "upper_bound", "NULL", "the word null"),
    "blank around a name": cell("bands", VALUE_MEDIUM, "band", "medium ", "ends with a blank"),
    "name of digits": cell("bands", VALUE_MEDIUM, "band", "2", "'2' is not a name"),
    "injection as a name": cell("segments", {"segment": "hybrid_touch"}, "segment", "'; drop table x", "is not a name"),
    "template as a number": cell("parameters", {"unit": "days"}, "parameter_value", "{{ 7 * 4 }}", "is not a number"),
    "flag in capitals": cell("feature_catalogue", SEGMENT_BIT, "is_core", "TRUE", "'TRUE' is neither true nor false"),
    # Milestones
    "milestone of no feature": cell("milestones", {"milestone": "first_login"}, "feature", "", "names none"),
    "milestone of an unknown feature": cell(
        "milestones", {"milestone": "first_login"}, "feature", "signin", "no event uses the feature `signin`"
    ),
    "feature where none is used": cell(
        "milestones", {"milestone": "trial"}, "feature", "sign_in", "the event `trial` is not the use of one feature"
    ),
    "milestone of an unknown event": cell(
        "milestones", {"milestone": "first_use"}, "milestone_event", "usage", "is none of"
    ),
    # Plays
    "play without rules": play_without_rules,
    "two plays by one rule set": two_plays_by_one_rule_set,
    "play with another outcome": cell("rules", {"rule_id": "recommends"}, "outcome", "go", "an outcome of the play"),
    "two plays in one place": cell("plays", {"play": "promoter"}, "priority", "10", "priority 10 is taken by row"),
    "health before it is known": cell(
        "rule_conditions",
        {"rule_set": "journey_stage", "rule_id": "value_by_habit", "attribute": "active_days_28d"},
        "attribute",
        "health_score",
        "is not known yet when `journey_stage` is decided",
    ),
    # Efforts and windows
    "effort nobody counts": added(
        "efforts", "effort", "no model reads the effort `visit`", effort="visit", minutes="240", description="A visit."
    ),
    "effort missing": effort_missing,
    "window around nothing": cell(
        "friction_windows", {"friction_window": "after_contract"}, "milestone", "signed", "`signed` does not exist"
    ),
    "window around every core feature": cell(
        "friction_windows",
        {"friction_window": "after_contract"},
        "milestone",
        "core_feature",
        "`core_feature` is one for each core feature, and the window names none",
    ),
    "window around a feature that is not core": cell(
        "friction_windows",
        {"friction_window": "after_contract"},
        "milestone",
        "core_feature:search",
        "the milestone `core_feature:search` does not exist",
    ),
    "window without a day": cell(
        "friction_windows", {"friction_window": "after_contract"}, "until_day", "0", "ends on day 0"
    ),
    # Attributes and parameters
    "attribute not snake_case": added(
        "attributes",
        "attribute",
        "'Seat Count' is not a snake_case name",
        attribute="Seat Count",
        data_type="number",
        definition="Seats.",
        source_tables="subscription_items",
    ),
    "attribute of no type": cell(
        "attributes", {"attribute": "industry"}, "data_type", "string", "is none of 'number', 'text' or 'flag'"
    ),
    "parameter missing": parameter_missing,
    "parameter unknown": added(
        "parameters",
        "parameter",
        "no model reads the parameter `trend_days`",
        parameter="trend_days",
        parameter_value="1",
        unit="days",
        description="None.",
    ),
    "parameter out of range": cell(
        "parameters", {"parameter": "first_value_seat_share"}, "parameter_value", "10", "outside 0.0001 to 1"
    ),
    "parameter not whole": cell(
        "parameters", {"parameter": "brand_band_lift"}, "parameter_value", "0.5", "counts whole bands"
    ),
    # Bands
    "gap in bands": gap_in_bands,
    "overlap in bands": cell("bands", {"band": "large"}, "lower_bound", "2000", "overlaps `medium` (row 3)"),
    "inverted band": cell("bands", VALUE_MEDIUM, "upper_bound", "400", "ends at 400, where it begins or before"),
    "scale not reached": cell("bands", {"band": "green"}, "upper_bound", "99", "ends at 100, its highest band at 99"),
    "scale passed": cell("bands", {"band": "expert"}, "upper_bound", "", "its highest band at no bound, beyond it"),
    "scale begun late": cell("bands", {"band": "novice"}, "lower_bound", "1", "begins at 0, its lowest band at 1"),
    "bands out of order": cell("bands", {"band": "yellow"}, "band_order", "9", "is number 2 from the bottom, not 9"),
    "band set without bands": no_bands,
    "band set missing": band_set_missing,
    "band set on unknown attribute": cell(
        "band_sets", {"band_set": "value"}, "attribute", "mmr", "attribute `mmr` is unknown"
    ),
    "band set on another attribute": cell(
        "band_sets", {"band_set": "value"}, "attribute", "seats", "cuts `mrr`, not `seats`"
    ),
    "half of a band set changed": half_of_a_band_set_changed,
    # Rules
    "rule of no rule set": added(
        "rules",
        "rule_set",
        "the rule set `journey` does not exist",
        rule_set="journey",
        rule_id="new",
        rule_order="1",
        outcome="value",
        description="New.",
    ),
    "two rules in one place": cell(
        "rules", {"rule_id": "trial"}, "rule_order", "110", "rule_order 110 is taken by row"
    ),
    "rule id twice": added(
        "rules",
        None,
        "`journey_stage`, `trial` is in row",
        rule_set="journey_stage",
        rule_id="trial",
        rule_order="900",
        outcome="value",
        description="Again.",
    ),
    "reserved rule id": added(
        "rules",
        "rule_id",
        "`default` is what a result without a matching rule is called",
        rule_set="journey_stage",
        rule_id="default",
        rule_order="900",
        outcome="value",
        description="Always.",
    ),
    "outcome is no segment": cell(
        "rules", {"rule_id": "large_novice"}, "outcome", "hightouch", "`hightouch` is not a segment of the scheme"
    ),
    "stability of no scheme": stability_of_no_scheme,
    "stability without ranks": stability_without_ranks,
    "stability in words nobody knows": cell(
        "segment_stability", {"segment_scheme": "touch_model"}, "takes_effect", "later", "is none of"
    ),
    "stability without confirmation": cell(
        "segment_stability", {"segment_scheme": "touch_model"}, "confirm_up_snapshots", "0", "is less than 1"
    ),
    "scheme without ranks follows parents": cell(
        "segment_schemes", {"segment_scheme": "profile_fit"}, "follows_parent", "true", "no account follows its parent"
    ),
    "scheme follows perhaps": cell(
        "segment_schemes", {"segment_scheme": "profile_fit"}, "follows_parent", "yes", "neither true nor false"
    ),
    "age that is unknown": cell(
        "attributes", {"attribute": "nps_score"}, "age_attribute", "nps_age", "attribute `nps_age` is unknown"
    ),
    "age that is no number of days": cell(
        "attributes", {"attribute": "nps_score"}, "age_attribute", "seats", "`seats` is no number of days"
    ),
    "age without a limit": cell(
        "attributes", {"attribute": "nps_score"}, "maximum_age_days", "", "has an age and no limit"
    ),
    "crosswalk of no scheme": cell(
        "segment_crosswalks", {"segment": "enterprise"}, "other_scheme", "tier", "the scheme `tier` does not exist"
    ),
    "crosswalk of no segment": cell(
        "segment_crosswalks", {"segment": "enterprise"}, "other_segment", "whale", "`whale` is not a segment of"
    ),
    "crosswalk within a scheme": added(
        "segment_crosswalks",
        "other_scheme",
        "the scheme `value_tier` is held against itself",
        segment_scheme="value_tier",
        segment="top",
        other_scheme="value_tier",
        other_segment="core",
    ),
    "margin confirms and is missing": cell(
        "segment_stability", {"segment_scheme": "sophistication"}, "confirmed_by", "margin", "by a margin and has none"
    ),
    "confirmed in words nobody knows": cell(
        "segment_stability", {"segment_scheme": "sophistication"}, "confirmed_by", "edge", "is none of"
    ),
    "margin of no scheme": margin_of_no_scheme,
    "margin that nothing reads": bad_margin(
        "segment_scheme", "nothing reads the margin: `touch_model` is confirmed by", confirmed_by="snapshots"
    ),
    "margin of an unknown attribute": bad_margin("attribute", "attribute `mmr` is unknown", attribute="mmr"),
    "margin of SQL": bad_margin("attribute", "attribute `x'; drop table` is unknown", attribute="x'; drop table"),
    "margin of a text": bad_margin("attribute", "`industry` is a text: it has no margin", attribute="industry"),
    "margin of what decides nothing": bad_margin(
        "attribute", "`employees` decides nothing in the scheme `touch_model`", attribute="employees"
    ),
    "margin below zero": bad_margin("margin_down", "a margin of -1 lies on the wrong side", margin_down="-1"),
    "margin of the whole value": bad_margin(
        "margin_up", "a margin of 1 is the whole value", margin_unit="share", margin_up="1", margin_down="0.1"
    ),
    "margin in words nobody knows": bad_margin("margin_unit", "is none of", margin_unit="percent"),
    "margin that is no number": bad_margin("margin_up", "is not a number", margin_up="{{ 1 }}"),
    "margin that no value passes": bad_margin(
        "margin_up",
        "the edge of `practitioner` at 40 cannot be passed by 70 from no side",
        attribute="sophistication_score",
        margin_up="70",
        margin_down="5",
    ),
    "margin that is passed from one side": bad_margin(
        "margin_down",
        "the edge of `practitioner` at 40 cannot be passed by 40 towards 0",
        "warning",
        attribute="sophistication_score",
        margin_up="5",
        margin_down="40",
    ),
    "two segments of one rank": cell(
        "segments", {"segment": "hybrid_touch"}, "segment_rank", "3", "segment_rank 3 is taken by row"
    ),
    "scheme called total": scheme_called_total,
    "outcome is no stage": cell("rules", {"rule_id": "trial"}, "outcome", "trying", "`trying` is not a stage"),
    "outcome is no profile": cell(
        "rules", {"rule_id": "not_a_customer"}, "outcome", "sophistication", "is not a health profile"
    ),
    "default is no segment": cell(
        "rule_sets",
        {"rule_set": "touch_model"},
        "default_outcome",
        "none",
        "the default outcome `none` is not a segment",
    ),
    "condition of no rule": condition_of_no_rule,
    "condition on unknown attribute": cell(
        "rule_conditions", PAID, "attribute", "days_since_paid", "attribute `days_since_paid` is unknown"
    ),
    "condition on later result": cell(
        "rule_conditions",
        {"rule_id": "gone_quiet", "attribute": "days_since_last_active"},
        "attribute",
        "segment",
        "attribute `segment` is not known yet when `journey_stage` is decided",
    ),
    "bounds and text": cell("rule_conditions", PAID, "text_value", "long", "are both given", None),
    "neither bounds nor text": cell("rule_conditions", PAID, "lower_bound", "", "neither bounds nor text_value", None),
    "inverted bounds": cell("rule_conditions", PAID, "upper_bound", "20", "no number is at least 30 and below 20"),
    "flag beyond one": flag_beyond_one,
    "contradictory bounds": contradictory_bounds,
    "contradictory texts": contradictory_texts,
    "text on no band": cell("rule_conditions", NOVICE, "text_value", "beginner", "is never `beginner`"),
    "text on no stage": cell(
        "rule_conditions", {"attribute": "stage"}, "text_value", "onbording", "`stage` is never `onbording`"
    ),
    "rule without conditions": rule_without_conditions,
    "rule behind a wider rule": rule_behind_wider_rule,
    "rule behind rules together": rule_behind_rules_together,
    "gap in the matrix": matrix_gap,
    "leak in the matrix": matrix_leak,
    # Scores
    "group weights of 99": group_weights_of_99,
    "component weights of 101": component_weights_of_101,
    "weights of a later version": weights_of_later_version,
    "group emptied": group_emptied,
    "profile without groups": profile_without_groups,
    "component of another model": added(
        "score_weights",
        "component",
        "`skill_admin` is of the score model `sophistication`",
        profile="standard",
        component="skill_admin",
        weight="100",
    ),
    "component of a group that is not there": group_missing,
    "score model unknown": cell(
        "score_components", {"component": "nps"}, "score_model", "helth", "is none of 'health'"
    ),
    "component without weight": component_without_weight,
    "component weighed nowhere": weight_removed_from_all,
    "component without points": component_without_points,
    "peers in an unknown scheme": cell(
        "score_components", {"component": "ticket_load"}, "peer_scheme", "touch_mode", "`touch_mode` does not exist"
    ),
    "peers before segments": cell(
        "score_components", {"component": "skill_admin"}, "peer_scheme", "touch_model", "before anybody has a segment"
    ),
    "peers beyond the scale": peers_beyond_the_scale,
    "peers by the curve of values": peers_by_the_curve_of_values,
    "component on unknown attribute": cell(
        "score_components", {"component": "nps"}, "attribute", "nps_scor", "attribute `nps_scor` is unknown"
    ),
    "component on a text": cell(
        "score_components", {"component": "nps"}, "attribute", "industry", "is a text; here a number or flag is needed"
    ),
    "component applies by a number": cell(
        "score_components", {"component": "seat_utilisation"}, "applies_attribute", "seats", "here a flag is needed"
    ),
    "age without limit": cell(
        "score_components", {"component": "nps"}, "maximum_age_days", "", "`age_attribute` is given and"
    ),
    "evidence without minimum": cell(
        "score_components", {"component": "last_seen"}, "minimum_evidence", "", "`evidence_attribute` is given and"
    ),
    "skill from its own result": cell(
        "score_components",
        {"component": "skill_admin"},
        "attribute",
        "sophistication_score",
        "is the result of the score model `sophistication` itself",
    ),
    "coverage floor above one": cell(
        "score_profiles", {"profile": "standard"}, "coverage_floor", "50", "'50' is more than 1"
    ),
    "curve without end": curve_without_end,
    "curve with a gap": curve_with_gap,
    "curve overlapping": cell("score_points", LAST_SEEN | {"lower_bound": "3"}, "lower_bound", "2", "overlaps row"),
    "curve against its direction": cell(
        "score_points", LAST_SEEN | {"lower_bound": "30"}, "points_at_lower", "10", "cannot slope", "points_at_upper"
    ),
    "curve jumping back": cell(
        "score_points",
        {"component": "executive_known", "lower_bound": "1"},
        "points_at_upper",
        "20",
        "points fall from 90 to 20, but `executive_known` is higher_is_better",
    ),
    "hysteresis of another scale": cell("band_sets", {"band_set": "value"}, "hysteresis", "5", "no model reads"),
    "hysteresis without room": cell("band_sets", {"band_set": "health"}, "hysteresis", "7.5", "leaves no room"),
    "threshold that nothing chooses": threshold_of_nothing,
    "thresholds with a gap": thresholds_with_a_gap,
    "curves without a last one": curves_without_a_last,
    "divided by a text": cell(
        "score_components", {"component": "nps"}, "per_attribute", "industry", "here a number is needed"
    ),
    "hard rule of an unknown attribute": cell(
        "score_limits", OVERDUE, "attribute", "days_overdu", "attribute `days_overdu` is unknown"
    ),
    "hard rule of a text": cell("score_limits", OVERDUE, "attribute", "industry", "here a number or flag is needed"),
    "hard rule of a result": cell("score_limits", OVERDUE, "attribute", "health_score", "is not known yet"),
    "hard rule without a bound": cell("score_limits", OVERDUE, "lower_bound", "", "no bound: it holds for everybody"),
    "hard rule with two bounds": cell(
        "score_limits", OVERDUE, "upper_bound", "90", "two bounds: a value may leave it", "lower_bound"
    ),
    "hard rule for the better": cell(
        "score_limits", OVERDUE, "limit_kind", "floor", "`days_overdue` is lower_is_better: a better value would lower"
    ),
    "direction turned": direction_turned,
    "direction unknown": cell(
        "score_components", {"component": "csat"}, "direction", "up", "is none of 'higher_is_better'"
    ),
    # Segments and stages
    "too many segments": too_many_segments,
    "scheme without segments": scheme_without_segments,
    "segment of no scheme": added(
        "segments",
        "segment_scheme",
        "the scheme `touch` does not exist",
        segment_scheme="touch",
        segment="any",
        segment_order="1",
        description="Any.",
    ),
    "share above one": cell("segments", {"segment": "high_touch"}, "self_service_share", "20", "'20' is more than 1"),
    "stage in a taken place": cell("stages", {"stage": "value"}, "stage_order", "4", "stage_order 4 is taken by row"),
    "stage with another name": stage_with_another_name,
    "stage of no kind": cell("stages", {"stage": "value"}, "stage_kind", "middle", "is none of 'before'"),
    # Overrides
    "pin to no segment": added(
        "segment_overrides",
        "segment",
        "the segment `vip` of `touch_model` does not exist",
        **(PIN | {"segment": "vip"}),
    ),
    "pin in no scheme": added(
        "segment_overrides",
        "segment_scheme",
        "the scheme `touch` does not exist",
        **(PIN | {"segment_scheme": "touch"}),
    ),
    "pin to a later segment": pin_to_later_segment,
    "pin without end": added("segment_overrides", "ends_on", "the cell is empty", **(PIN | {"ends_on": ""})),
    "pin without reason": added("segment_overrides", "reason", "the cell is empty", **(PIN | {"reason": ""})),
    "pin ending at its start": added(
        "segment_overrides", "ends_on", "not after it starts", **(PIN | {"ends_on": "2026-01-01"})
    ),
    "pin of no version": added(
        "segment_overrides", "policy_version", "policy version `v7` does not exist", **(PIN | {"policy_version": "v7"})
    ),
    "pins at once": overlapping_pins,
    "pin that ended": added(
        "segment_overrides", "ends_on", "ended on 2026-02-01", "warning", **(PIN | {"ends_on": "2026-02-01"})
    ),
    "pin for years": added(
        "segment_overrides", "ends_on", "lasts 730 days", "warning", **(PIN | {"ends_on": "2028-01-01"})
    ),
    "score above 100": added(
        "health_overrides", "health_score", "'120' is more than 100", **(MARK | {"health_score": "120"})
    ),
    "score without author": added("health_overrides", "author", "the cell is empty", **(MARK | {"author": ""})),
    "score and band": added(
        "health_overrides", "health_score", "sets a score and a band", **(MARK | {"health_band": "red"})
    ),
    "neither score nor band": added(
        "health_overrides", "health_score", "neither a score nor a band", **(MARK | {"health_score": ""})
    ),
    "band that is none": added(
        "health_overrides",
        "health_band",
        "the health band `rde` does not exist on 2026-01-01",
        **(MARK | {"health_score": "", "health_band": "rde"}),
    ),
    "pulse above 100": added("csm_pulses", "pulse", "'120' is more than 100", **(PULSE | {"pulse": "120"})),
    "pulse without author": added("csm_pulses", "author", "the cell is empty", **(PULSE | {"author": ""})),
    "pulse without end": added("csm_pulses", "expires_on", "the cell is empty", **(PULSE | {"expires_on": ""})),
    "pulse expiring at once": added(
        "csm_pulses", "expires_on", "not after it is given", **(PULSE | {"expires_on": "2026-01-01"})
    ),
    "pulse for years": added(
        "csm_pulses", "expires_on", "lasts 730 days", "warning", **(PULSE | {"expires_on": "2028-01-01"})
    ),
    "pulse of no version": added(
        "csm_pulses", "policy_version", "policy version `v7` does not exist", **(PULSE | {"policy_version": "v7"})
    ),
    "pulses on one day": pulses_on_one_day,
    "risk against its component": risk(coefficient="-0.1")("coefficient", "a better value would raise the risk"),
    "risk of no component": risk(term="activ_days")("term", "no component of the score model health"),
    "risk that knows the future": risk(fitted_until="2026-01-02")("fitted_until", "and scores from 2026-01-01 on"),
    "risk without intercept": added(
        "churn_risk_coefficients", "term", "the model `m1` has no intercept", **(RISK | {"term": "nps"})
    ),
    "risks at once": risks_at_once,
    # Currencies and crosswalks
    "rate of nothing": cell("currency_rates", {"currency": "EUR"}, "rate_to_reporting", "0", "'0' is not more than 0"),
    "currency in small letters": cell(
        "currency_rates", {"currency": "EUR"}, "currency", "eur", "is not a currency code"
    ),
    "reporting currency not one": cell(
        "currency_rates", {"currency": "USD"}, "rate_to_reporting", "1.01", "has rate 1.01 to itself"
    ),
    "reporting currency missing": reporting_currency_missing,
    "currency with a gap": currency_gap,
    "currency twice at once": currency_overlap,
    "bit of two": cell("feature_catalogue", SEGMENT_BIT, "feature_bit", "6", "is 6, which is no power of two"),
    "bit taken": cell("feature_catalogue", SEGMENT_BIT, "feature_bit", "2", "belongs to the feature `dashboards`"),
    "bit too high": cell("feature_catalogue", SEGMENT_BIT, "feature_bit", str(2**62), "is not less than"),
    "bit without feature": cell("feature_catalogue", SEGMENT_BIT, "feature", "", "and no feature", "feature_bit"),
    "reason of no category": cell(
        "rejection_reasons", {"reason": "orphan"}, "category", "lost", "is none of 'broken', 'duplicate' or 'deleted'"
    ),
    "role of no kind": cell("title_roles", {"keyword": "ceo"}, "contact_role", "boss", "is none of 'executive'"),
    "keyword with a wildcard": cell("title_roles", {"keyword": "ceo"}, "keyword", "ce%", "is not a keyword"),
    "domain with a path": added(
        "brands", "domain", "is not a domain", domain="https://example.com/", brand="Example", valid_from="2020-01-01"
    ),
    # Versions
    "row twice": duplicate_row,
    "version unknown": cell(
        "attributes", {"attribute": "tickets_90d"}, "policy_version", "v2", "policy version `v2` does not exist"
    ),
    "versions with a gap": versions_with_gap,
    "versions overlapping": versions_overlapping,
    "last version ends": last_version_ends,
    "change without version": change_without_version,
}


def told(findings: list[Finding]) -> set[tuple[str, str | None, int | None, str | None]]:
    return {(one.severity, one.file.stem if one.file else None, one.row, one.column) for one in findings}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_gives_exactly_its_findings(seeds: Seeds, mistake: Mistake) -> None:
    expected = mistake(seeds)
    findings = seeds.check()
    assert told(findings) == {(one.severity, one.file, one.row, one.column) for one in expected}, findings
    assert len(findings) == len(expected)
    for one in expected:
        said = [
            finding.message
            for finding in findings
            if (finding.row, finding.column) == (one.row, one.column) and finding.file == seeds_path(findings, one.file)
        ]
        assert any(one.words in message for message in said), said


def seeds_path(findings: list[Finding], stem: str) -> Path | None:
    return next((one.file for one in findings if one.file is not None and one.file.stem == stem), None)


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_finding_is_one_line_with_a_remedy(seeds: Seeds, mistake: Mistake) -> None:
    mistake(seeds)
    for finding in seeds.check():
        assert finding.message
        assert finding.remedy
        assert "\n" not in finding.message + finding.remedy
        assert finding.file is not None


# --- What is sound passes --------------------------------------------------------------------------------------------


def test_the_shipped_policy_has_no_findings() -> None:
    assert check_policy(SEEDS / "policy", SEEDS / "crosswalks", as_of=AS_OF, reporting_currency="USD") == []


def test_the_crosswalks_beside_the_policy_are_checked(seeds: Seeds) -> None:
    seeds.set("title_roles", 2, contact_role="boss")
    assert told(check_policy(seeds.root / "policy")) == {("error", "title_roles", 2, "contact_role")}


def test_a_policy_that_begins_inside_history_is_refused(seeds: Seeds) -> None:
    line = seeds.line("policy_versions", policy_version="v1")
    begins = date(2000, 1, 1)
    assert check_policy(seeds.root / "policy", history_start=begins) == []
    (finding,) = check_policy(seeds.root / "policy", history_start=date(1999, 12, 31))
    assert (finding.severity, finding.row, finding.column) == ("error", line, "valid_from")
    assert finding.message == f"no version is in force from 1999-12-31, the first day of history, to {begins}"


def test_a_system_without_an_event_in_the_catalogue_is_told(seeds: Seeds) -> None:
    assert check_policy(seeds.root / "policy", usage_systems=["segment", "miaad"]) == []
    (finding,) = check_policy(seeds.root / "policy", usage_systems=["segment", "acme"])
    assert (finding.severity, finding.file) == ("warning", seeds.root / "crosswalks" / "feature_catalogue.csv")
    assert finding.message.startswith("no event of `acme` is in the catalogue")
    shutil.rmtree(seeds.root / "crosswalks")
    assert check_policy(seeds.root / "policy", usage_systems=["acme"]) == []


def test_a_policy_alone_can_be_checked(seeds: Seeds) -> None:
    shutil.rmtree(seeds.root / "crosswalks")
    assert check_policy(seeds.root / "policy", as_of=AS_OF) == []


def test_peers_as_the_guide_writes_them_pass(seeds: Seeds) -> None:
    among_peers(seeds, "0", "100")
    assert seeds.check() == []
    guide = (SEEDS.parent / "docs" / "guides" / "policy.md").read_text(encoding="utf-8")
    shown = [line for line in guide.splitlines() if line.startswith("ticket_load,")]
    written = (seeds.root / "policy" / "score_points.csv").read_text(encoding="utf-8").splitlines()
    assert shown == [line for line in written if line.startswith("ticket_load,")]


def test_a_window_around_a_core_feature_passes(seeds: Seeds) -> None:
    seeds.set("friction_windows", seeds.line("friction_windows", window_order="7"), milestone="core_feature:reports")
    assert seeds.check() == []
    shutil.rmtree(seeds.root / "crosswalks")
    assert check_policy(seeds.root / "policy", as_of=AS_OF) == []


def test_a_change_with_its_own_version_passes(seeds: Seeds) -> None:
    seeds.second_version()
    for group, weight in (("usage", "40"), ("sentiment", "10")):
        line = seeds.line("score_groups", profile="standard", component_group=group)
        seeds.set("score_groups", line, valid_to="2026-01-01")
        seeds.add(
            "score_groups",
            profile="standard",
            component_group=group,
            weight=weight,
            valid_from="2026-01-01",
            policy_version="v2",
        )
    seeds.add("segment_overrides", **PIN)
    seeds.add("health_overrides", **MARK)
    seeds.add("csm_pulses", **PULSE)
    assert seeds.check() == []


def test_more_rules_or_components_than_a_number_has_bits_are_refused(seeds: Seeds) -> None:
    rules = [
        seeds.add("rules", rule_set="health_profile", rule_id=f"r{n}", rule_order=str(1000 + n), outcome="standard",
                  description="One more.")
        for n in range(70)
    ]  # fmt: skip
    components = [
        seeds.add("score_components", score_model="sophistication", component=f"c{n}", component_group="skill",
                  attribute="mrr", direction="higher_is_better", description="One more.")
        for n in range(70)
    ]  # fmt: skip
    kept = {
        name: sum(row[0] == of for row in seeds.read(name)) - 70
        for name, of in (("rules", "health_profile"), ("score_components", "sophistication"))
    }
    policy, _ = load_policy(seeds.root / "policy", None)
    findings = list(lists_fit_a_number(policy))
    assert [(finding.row, finding.column) for finding in findings] == [
        (rules[62 - kept["rules"]], "rule_set"),
        (components[62 - kept["score_components"]], "component"),
    ]
    assert "the models hold 62" in findings[0].message


def test_texts_that_look_like_code_are_texts(seeds: Seeds) -> None:
    for text in (
        "'; drop table accounts; --",
        "{{ ref('accounts') }}",
        "=1+1",
        "{% do run_query('x') %}",
        "naïve – 50 %",
    ):
        line = seeds.line("rules", rule_id="trial")
        seeds.set("rules", line, description=text)
        seeds.set("rule_sets", 2, default_reason=text)
        assert seeds.check() == []


def test_a_byte_order_mark_is_no_part_of_the_header(seeds: Seeds) -> None:
    path = seeds.path("bands")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert seeds.check() == []


def test_all_findings_are_gathered(seeds: Seeds) -> None:
    seeds.set("score_groups", seeds.line("score_groups", profile="standard", component_group="usage"), weight="37")
    seeds.set("stages", seeds.line("stages", stage="value"), stage_order="4")
    seeds.set("bands", seeds.line("bands", band="green"), lower_bound="80")
    seeds.set("title_roles", 2, contact_role="boss")
    assert {one.file.stem for one in seeds.check() if one.file} == {"score_groups", "stages", "bands", "title_roles"}


def test_what_may_be_personal_is_not_repeated(seeds: Seeds) -> None:
    secret = "Jane Roe " * 200
    seeds.add("segment_overrides", **(PIN | {"author": secret, "reason": secret, "account_id": secret}))
    findings = seeds.check()
    assert {one.column for one in findings} == {"author", "reason", "account_id"}
    assert not any("Jane" in one.message + one.remedy for one in findings)


def test_every_table_a_check_needs_exists() -> None:
    policy, _ = load_policy(SEEDS / "policy", SEEDS / "crosswalks")
    assert {name for check in (*ONCE, *EACH_CHANGE) for name in check.needs} <= set(policy.tables())


# --- The check and the SQL speak of the same names -------------------------------------------------------------------


def sql() -> str:
    return "\n".join(
        path.read_text(encoding="utf-8") for folder in ("models", "macros") for path in (ROOT / folder).rglob("*.sql")
    )


def test_parameters_and_names_that_the_models_read_are_known() -> None:
    text = sql()
    assert set(re.findall(r"parameter = '(\w+)'", text)) <= set(PARAMETERS)
    assert set(re.findall(r"evaluate_rules\('(\w+)'", text)) <= set(RULE_SETS)
    assert set(re.findall(r"band_set = '(\w+)'", text)) <= set(BANDED)


def column_types(seed: str) -> dict[str, str]:
    """The types that dbt gives the columns of a seed: its own in the yml beside it, over those of its folder."""
    (described,) = (path for path in SEEDS.glob("*/_*__seeds.yml") if (path.parent / f"{seed}.csv").exists())
    of_folder = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))["seeds"]["strata"]
    types: dict[str, str] = of_folder.get(described.parent.name, {}).get("+column_types", {})
    for one in yaml.safe_load(described.read_text(encoding="utf-8"))["seeds"]:
        if one["name"] == seed:
            types = types | one.get("config", {}).get("column_types", {})
    return types


ROW_MODELS = [one for _, one in inspect.getmembers(models, inspect.isclass) if "file_name" in vars(one)]


@pytest.mark.parametrize("model", ROW_MODELS, ids=lambda model: model.file_name)
def test_the_warehouse_rounds_no_number_that_passes(model: type[Row]) -> None:
    """A number with one decimal more than its column type is refused, so that what is checked is what is built with."""
    for column, kind in column_types(model.file_name.removesuffix(".csv")).items():
        found = re.fullmatch(r"decimal\(\d+, (\d+)\)", kind)
        if found is None or column not in model.columns():
            continue
        scale = int(found[1])
        assert cell_is_refused(model, column, "0." + "0" * scale + "1")
        assert not cell_is_refused(model, column, "0." + "0" * (scale - 1) + "1")


def test_every_column_of_decimals_has_a_type() -> None:
    """Left to guess, a warehouse would take a column of whole weights for integers and round the next fraction."""
    for model in ROW_MODELS:
        types = column_types(model.file_name.removesuffix(".csv"))
        for name, field in model.model_fields.items():
            if "Decimal" in str(field.annotation):
                assert types.get(name, "").startswith("decimal"), (model.file_name, name)


def cell_is_refused(model: type[Row], column: str, value: str) -> bool:
    try:
        model.model_validate({column: value, "line": 2})
    except ValidationError as error:
        return column in {str(one["loc"][0]) for one in error.errors()}
    return False


# --- A plain dbt build, without this package -------------------------------------------------------------------------


def config_tests_that_fail(seeds: Seeds, project: Path) -> set[str]:
    """Builds these seeds with the tests of tests/config in a project without models; the names of those that fail."""
    copy_parts(project, "dbt_project.yml", "profiles.yml", "macros", "tests/config", "tests/generic")
    for folder in ("policy", "crosswalks"):
        shutil.copytree(seeds.root / folder, project / "seeds" / folder)
        shutil.copy(SEEDS / folder / f"_{folder}__seeds.yml", project / "seeds" / folder)
    environment = {**os.environ, "STRATA_BUILD_DB": str(project / "build.duckdb"), "DO_NOT_TRACK": "1"}
    dbt = Path(sys.executable).with_name("dbt")
    ran = subprocess.run(
        [dbt, "build", "--project-dir", project, "--profiles-dir", project, "--target-path", project / "target"],
        env={**environment, "DBT_LOG_PATH": str(project / "logs")},
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    results = project / "target" / "run_results.json"
    assert results.is_file(), ran.stdout + ran.stderr
    by_status: dict[str, set[str]] = {}
    for result in json.loads(results.read_text(encoding="utf-8"))["results"]:
        by_status.setdefault(result["status"], set()).add(result["unique_id"].split(".")[2])
    assert not by_status.keys() - {"success", "pass", "fail"}, ran.stdout
    return by_status.get("fail", set())


CONFIG_TESTS = {path.stem for path in (ROOT / "tests" / "config").glob("*.sql")}


def test_a_plain_dbt_build_passes_a_sound_policy_of_two_versions(seeds: Seeds, tmp_path: Path) -> None:
    seeds.second_version()
    old = seeds.line("parameters", parameter="health_trend_days")
    seeds.set("parameters", old, valid_to="2026-01-01")
    seeds.add(
        "parameters",
        parameter="health_trend_days",
        parameter_value="30",
        unit="days",
        description="Longer.",
        valid_from="2026-01-01",
        policy_version="v2",
    )
    seeds.add("segment_overrides", **PIN)
    seeds.add("health_overrides", **MARK)
    seeds.add("csm_pulses", **PULSE)
    # A scheme that ends, whose rules were left: they lead nobody anywhere, and are worth a warning at most.
    for name in ("segment_schemes", "segments"):
        for line in seeds.lines(name, segment_scheme="profile_fit"):
            seeds.set(name, line, valid_to="2026-01-01")
    assert {finding.severity for finding in seeds.check()} == {"warning"}
    assert config_tests_that_fail(seeds, tmp_path / "project") == set()


def test_every_config_test_fails_on_the_mistake_it_is_for(seeds: Seeds, tmp_path: Path) -> None:
    """One mistake for each, all at once, so that dbt starts only once."""
    seeds.second_version()
    seeds.set("policy_versions", seeds.line("policy_versions", policy_version="v1"), valid_to="")
    seeds.set("match_methods", 2, valid_from="2020-01-01")
    seeds.set("bands", seeds.line("bands", band="green"), lower_bound="80")
    seeds.set("score_groups", seeds.line("score_groups", **USAGE), weight="36")
    seeds.set("score_points", seeds.line("score_points", component="nps", lower_bound="7"), points_at_upper="40")
    seeds.set("rules", seeds.line("rules", rule_id="trial"), outcome="trying")
    seeds.set("score_components", seeds.line("score_components", component="nps"), attribute="industry")
    seeds.set("score_components", seeds.line("score_components", component="ticket_load"), peer_scheme="nobody")
    seeds.drop("attributes", seeds.line("attributes", attribute="country"))
    seeds.set("rule_conditions", seeds.line("rule_conditions", **NOVICE), text_value="beginner")
    for override in ("o1", "o2"):
        seeds.add("segment_overrides", **(PIN | {"override_id": override}))
    seeds.set("stages", seeds.line("stages", stage="value"), stage_kind="middle")
    seeds.set("score_limits", seeds.line("score_limits", **OVERDUE), limit_kind="floor")
    assert config_tests_that_fail(seeds, tmp_path / "project") == CONFIG_TESTS


# --- Any partition, any rules, any text ------------------------------------------------------------------------------

CLEAN, _ = load_policy(SEEDS / "policy", SEEDS / "crosswalks")
Cuts = list[Decimal]
inner_cuts = st.sets(st.decimals("0.0001", "99.9999", places=4), min_size=1, max_size=8).map(sorted)


def seed(rows: list[R]) -> Table[R]:
    return Table(Path("seed.csv"), tuple(rows), sound=True)


def banded(cuts: Cuts) -> list[Band]:
    """The bands of the health scale, 0 to 100, cut there."""
    edges = [Decimal(0), *cuts, Decimal(100)]
    return [
        Band(
            line=number + 1,
            band_set="health",
            band=f"band_{number}",
            band_order=number,
            lower_bound=lower,
            upper_bound=upper,
            valid_from=START,
            policy_version="v1",
        )
        for number, (lower, upper) in enumerate(pairwise(edges), 1)
    ]


def band_findings(bands: list[Band]) -> list[Finding]:
    others = [row for row in CLEAN.bands if row.band_set != "health"]
    sets = [row.model_copy(update={"hysteresis": None}) for row in CLEAN.band_sets]
    return list(bands_cover_their_scale(replace(CLEAN, band_sets=seed(sets), bands=seed([*others, *bands]))))


@settings(deadline=None)
@given(inner_cuts, st.randoms(use_true_random=False))
def test_any_partition_of_a_scale_passes(cuts: Cuts, random: Random) -> None:
    bands = banded(cuts)
    random.shuffle(bands)
    assert band_findings(bands) == []


@settings(deadline=None)
@given(inner_cuts, st.data())
def test_any_band_taken_out_is_found(cuts: Cuts, data: st.DataObject) -> None:
    bands = banded(cuts)
    bands.pop(data.draw(st.integers(0, len(bands) - 1)))
    assert band_findings(bands) != []


@settings(deadline=None)
@given(inner_cuts, st.data())
def test_any_edge_moved_on_one_side_only_is_found(cuts: Cuts, data: st.DataObject) -> None:
    bands = banded(cuts)
    place = data.draw(st.integers(0, len(bands) - 1))
    column = data.draw(st.sampled_from(["lower_bound", "upper_bound"]))
    moved = data.draw(st.decimals(-50, 150, places=4).filter(lambda bound: bound != getattr(bands[place], column)))
    bands[place] = bands[place].model_copy(update={column: moved})
    assert band_findings(bands) != []


def curve_findings(points: list[Decimal], cuts: Cuts) -> list[Finding]:
    """What the check says about the curve of `nps` (higher is better) through these points at 0 and at the cuts."""
    starts = [Decimal(0), *cuts]
    pieces = [
        ScorePoints(
            line=number + 2,
            component="nps",
            lower_bound=lower,
            upper_bound=upper,
            points_at_lower=points[number],
            points_at_upper=points[number if upper is None else number + 1],
            valid_from=START,
            policy_version="v1",
        )
        for number, (lower, upper) in enumerate(zip(starts, [*cuts, None], strict=True))
    ]
    others = [row for row in CLEAN.score_points if row.component != "nps"]
    return list(curves_are_whole_and_monotone(replace(CLEAN, score_points=seed([*others, *pieces]))))


@settings(deadline=None)
@given(inner_cuts, st.data())
def test_a_curve_passes_exactly_when_it_never_falls(cuts: Cuts, data: st.DataObject) -> None:
    points = data.draw(st.lists(st.decimals(0, 100, places=1), min_size=len(cuts) + 2, max_size=len(cuts) + 2))
    rises = all(lower <= upper for lower, upper in pairwise(points[: len(cuts) + 1]))
    assert (curve_findings(points, cuts) == []) == rises
    assert curve_findings(sorted(points), cuts) == []


# Attributes of the rules that are drawn, and the values an account may have: each side of every bound that is drawn.
VALUES: dict[str, list[Decimal | str | None]] = {
    "mrr": [None, *(Decimal(number) for number in range(6))],
    "seats": [None, *(Decimal(number) for number in range(6))],
    "is_customer": [None, Decimal(0), Decimal(1)],
    "industry": [None, "banking", "retail", "any other"],
}
bounds = st.one_of(st.none(), st.integers(1, 4).map(Decimal))


@st.composite
def drawn_condition(draw: st.DrawFn) -> dict[str, Decimal | str | None]:
    attribute = draw(st.sampled_from(sorted(VALUES)))
    if attribute == "industry":
        return {"attribute": attribute, "text_value": draw(st.sampled_from(["banking", "retail"]))}
    if attribute == "is_customer":
        side = draw(st.sampled_from(["lower_bound", "upper_bound"]))
        return {"attribute": attribute, side: Decimal(1)}
    lower, upper = draw(st.tuples(bounds, bounds).filter(lambda pair: pair != (None, None)))
    if lower is not None and upper is not None and lower >= upper:
        lower, upper = upper, lower + 1
    return {"attribute": attribute, "lower_bound": lower, "upper_bound": upper}


def holds(condition: RuleCondition, value: Decimal | str | None) -> bool:
    if value is None:
        return False
    if condition.text_value is not None:
        return value == condition.text_value
    assert isinstance(value, Decimal)
    above = condition.lower_bound is None or value >= condition.lower_bound
    return above and (condition.upper_bound is None or value < condition.upper_bound)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(drawn_condition(), min_size=1, max_size=3), min_size=1, max_size=6))
def test_a_rule_is_refused_exactly_when_no_account_can_reach_it(
    drawn: list[list[dict[str, Decimal | str | None]]],
) -> None:
    """Held against trying every kind of account there is, one rule after the other."""
    window: dict[str, Any] = {"valid_from": START, "policy_version": "v1"}
    rules = [
        Rule(
            line=n + 2,
            rule_set="journey_stage",
            rule_id=f"r{n}",
            rule_order=n,
            outcome="value",
            description="x",
            **window,
        )
        for n in range(len(drawn))
    ]
    conditions = [
        RuleCondition.model_validate({"line": 2, "rule_set": "journey_stage", "rule_id": f"r{n}", **one, **window})
        for n, ones in enumerate(drawn)
        for one in ones
    ]
    by_rule = {rule.rule_id: [one for one in conditions if one.rule_id == rule.rule_id] for rule in rules}
    reached: set[str] = set()
    for values in product(*VALUES.values()):
        account = dict(zip(VALUES, values, strict=True))
        first = (r.rule_id for r in rules if all(holds(one, account[one.attribute]) for one in by_rule[r.rule_id]))
        reached.update(islice(first, 1))
    policy = replace(CLEAN, rules=seed(rules), rule_conditions=seed(conditions))
    refused = {re.findall(r"the rule `(\w+)` never matches", one.message)[0] for one in rules_are_reached(policy)}
    assert refused == {rule.rule_id for rule in rules} - reached


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_content_makes_the_check_itself_fail(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Whatever stands in a cell or in a file, the answer is findings and never an exception."""
    root = tmp_path_factory.mktemp("seeds")
    for folder in ("policy", "crosswalks"):
        shutil.copytree(SEEDS / folder, root / folder, ignore=shutil.ignore_patterns("*.yml"))
    path = data.draw(st.sampled_from(sorted(root.glob("*/*.csv"))))
    if data.draw(st.booleans()):
        path.write_bytes(data.draw(st.binary(max_size=200)))
    else:
        copy = Seeds(root)
        rows = copy.read(path.stem)
        line = data.draw(st.integers(0, len(rows) - 1))
        place = data.draw(st.integers(0, len(rows[line]) - 1))
        rows[line][place] = data.draw(st.text(max_size=20).filter(lambda text: text.isprintable()))
        copy.write(path.stem, rows)
    for finding in check_policy(root / "policy", as_of=AS_OF, reporting_currency="USD"):
        assert finding.where()
    shutil.rmtree(root)
