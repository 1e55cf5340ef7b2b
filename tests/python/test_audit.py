"""The laws that the audit asks of public tables, on rows that break them and on rows that do not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from conftest import ROOT
from strata.audit import LAWS, MADE_OF, MAY_BE_EMPTY, NO_ROW, may_be_empty, without_what_nobody_has
from strata.errors import Finding
from strata.project import load_project

DAYS = [dt.date(2025, 1, 5) + dt.timedelta(days=7 * number) for number in range(5)]
FIRST, SECOND, THIRD, FOURTH, LAST = DAYS

Interval = tuple[str, str, dt.date, dt.date | None]


def lasting(*edges: dt.date | None) -> list[Interval]:
    """Intervals of both accounts, each from one day to the next, of the scheme that policy may end."""
    return [(account, "s", start, end) for account in "ab" for start, end in pairwise(edges) if start is not None]


@pytest.fixture
def tables() -> Iterator[duckdb.DuckDBPyConnection]:
    """Two accounts, a touch model that always holds, and nothing of any other scheme yet."""
    connection = duckdb.connect()
    connection.execute("create table dim_accounts as select unnest(['a', 'b']) as account_id")
    connection.execute("create table dim_segments as select 'touch_model' as segment_scheme")
    connection.execute("create table fct_health_scores (account_id varchar, snapshot_date date)")
    connection.execute("create table fct_journey_stages (account_id varchar, entered_on date, exited_on date)")
    connection.execute(
        "create table fct_segment_assignments"
        " (account_id varchar, segment_scheme varchar, valid_from date, valid_to date)"
    )
    for account in "ab":
        connection.executemany("insert into fct_health_scores values (?, ?)", [(account, day) for day in DAYS])
        connection.execute("insert into fct_journey_stages values (?, ?, null)", [account, FIRST])
        connection.execute("insert into fct_segment_assignments values (?, 'touch_model', ?, null)", [account, FIRST])
    yield connection
    connection.close()


def broken(tables: duckdb.DuckDBPyConnection, intervals: list[Interval], in_force: bool) -> set[str]:
    """The laws of segments that the intervals break. in_force: whether policy has the scheme today."""
    for interval in intervals:
        tables.execute("insert into fct_segment_assignments values (?, ?, ?, ?)", interval)
    if in_force:
        tables.execute("insert into dim_segments values ('s')")
    names = ("total_segments", "total_segment_history", "total_snapshots")
    return {law.name for law in LAWS if law.name in names and tables.execute(law.sql).fetchall()}


@pytest.mark.parametrize(
    ("edges", "in_force"),
    [
        pytest.param((FIRST, SECOND, None), True, id="it lasts"),
        pytest.param((THIRD, None), True, id="it began later"),
        pytest.param((FIRST, SECOND, THIRD), False, id="it ended"),
    ],
)
def test_a_scheme_may_begin_and_end(
    tables: duckdb.DuckDBPyConnection, edges: tuple[dt.date | None, ...], in_force: bool
) -> None:
    assert broken(tables, lasting(*edges), in_force) == set()


def test_a_scheme_may_be_taken_up_again(tables: duckdb.DuckDBPyConnection) -> None:
    assert broken(tables, lasting(FIRST, SECOND) + lasting(FOURTH, None), in_force=True) == set()


def test_an_account_may_not_be_without_a_segment_that_others_have(tables: duckdb.DuckDBPyConnection) -> None:
    intervals: list[Interval] = [("a", "s", FIRST, None), ("b", "s", FIRST, SECOND), ("b", "s", FOURTH, None)]
    assert broken(tables, intervals, in_force=True) == {"total_segment_history", "total_snapshots"}


def test_a_scheme_in_force_may_not_be_without_accounts(tables: duckdb.DuckDBPyConnection) -> None:
    assert broken(tables, lasting(FIRST, SECOND), in_force=True) == {"total_segments"}


def test_intervals_may_not_overlap(tables: duckdb.DuckDBPyConnection) -> None:
    assert "total_segment_history" in broken(tables, lasting(FIRST, THIRD) + lasting(SECOND, None), in_force=True)


@pytest.mark.parametrize(
    ("canonical", "empty"),
    [
        pytest.param({"accounts"}, set(MADE_OF), id="accounts alone"),
        pytest.param(
            {"accounts", "activities", "workspaces", "usage_events"},
            set(MADE_OF) - {"fct_account_economics", "fct_segment_economics", "fct_journey_milestones"},
            id="no billing",
        ),
        pytest.param({"customers", "subscriptions", "subscription_items"}, set(), id="billing alone"),
        pytest.param(
            {"subscriptions", "subscription_items"},
            set(MADE_OF) - {"fct_account_mrr", "fct_revenue_retention"},
            id="money that belongs to nobody",
        ),
    ],
)
def test_what_may_be_empty_goes_by_what_is_connected(canonical: set[str], empty: set[str]) -> None:
    project = load_project(ROOT)
    # Two systems may fill a group together.
    systems = {name: {"raw": [], "canonical": [name]} for name in canonical} | {"nothing": {"raw": []}}
    connected = replace(project, variables={**project.variables, "systems": systems})
    assert may_be_empty(connected) == frozenset(MAY_BE_EMPTY) | empty


def test_a_history_that_begins_today_has_no_visit_whose_length_is_known() -> None:
    assert "fct_journey_durations" in may_be_empty(load_project(ROOT))


def test_before_the_first_account_one_finding_says_so() -> None:
    """Every other table is empty for that alone; a law that is broken is told beside it."""
    findings = [Finding("error", Path(name), None, None, NO_ROW, "") for name in ("dim_accounts", "fct_health_scores")]
    broken_law = Finding("error", Path("fct_account_mrr"), None, None, "law additive is broken", "")
    nobody, other = without_what_nobody_has([*findings, broken_law], dt.date(2025, 6, 1))
    assert (nobody.message, other) == ("no account had come to be by 2025-06-01", broken_law)
    assert without_what_nobody_has(findings[1:], dt.date(2025, 6, 1)) == findings[1:]


def test_the_project_as_shipped_has_rows_in_every_table_that_it_can_fill() -> None:
    assert may_be_empty(load_project(ROOT)) == frozenset(MAY_BE_EMPTY)


def test_snapshots_may_not_be_without_any_scheme(tables: duckdb.DuckDBPyConnection) -> None:
    tables.execute("update fct_segment_assignments set valid_from = ?", [SECOND])
    assert broken(tables, [], in_force=False) == {"total_snapshots"}
