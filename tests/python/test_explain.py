"""What `strata explain` says of days without a score, on public tables made up for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import duckdb
import pytest
from strata.explain import explain_account, sentences
from strata.published import Published

FIRST = dt.date(2026, 1, 4)
TOO_LITTLE = "Too little fresh data: coverage 0.{} is below the floor 0.5 of the profile standard."
NO_CUSTOMER = "Not a paying customer at this date."


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        made.execute(
            "create table fct_health_scores (account_id text, snapshot_date date, health_score decimal(5, 2),"
            " health_band text, score_status text, reason text, profile text, coverage decimal(5, 4),"
            " health_trend text, health_score_change decimal(5, 2), compared_with date)"
        )
        for table, columns in (
            ("dim_accounts", "account_name text"),
            ("fct_segment_assignments", "segment_scheme text, valid_from date, valid_to date"),
            ("fct_journey_stages", "entered_on date, exited_on date, visit int"),
            ("fct_health_score_components", "snapshot_date date, component text, contribution decimal(5, 2)"),
            (
                "fct_health_score_changes",
                "snapshot_date date, driver text, cause text, component text, change_part int",
            ),
        ):
            made.execute(f"create table {table} (account_id text, {columns})")
        yield made


def _weeks(connection: duckdb.DuckDBPyConnection, *whys: str | None) -> None:
    """A snapshot a week, scored where there is no reason why not, each compared with the one four weeks before."""
    for number, why in enumerate(whys):
        day = FIRST + dt.timedelta(weeks=number)
        connection.execute(
            "insert into fct_health_scores values ('a', ?, ?, ?, ?, ?, 'standard', 0.8, null, null, ?)",
            [
                day,
                60 if why is None else None,
                "yellow" if why is None else None,
                "scored" if why is None else "not_scored",
                why or "Everybody else.",
                day - dt.timedelta(weeks=4) if number >= 4 else None,
            ],
        )


def _told(connection: duckdb.DuckDBPyConnection, week: int) -> list[str]:
    explained = explain_account(Published(connection), "a", FIRST + dt.timedelta(weeks=week))
    return [line for line in sentences(explained) if "ot scored" in line]


def test_days_without_a_score_between_the_two_that_are_compared_are_told(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    _weeks(connection, None, None, TOO_LITTLE.format(41), TOO_LITTLE.format(39), NO_CUSTOMER, None, None, None, None)
    middle = [
        f"Not scored from 2026-01-18 to 2026-01-25: {TOO_LITTLE.format(39)}",
        f"Not scored from 2026-02-01 to 2026-02-01: {NO_CUSTOMER}",
    ]
    assert _told(connection, 5) == middle
    # The earlier side is told from where it began, though that lies before the days that are compared.
    assert _told(connection, 7) == middle
    assert _told(connection, 8) == middle[1:]


def test_who_has_no_score_is_told_since_when(connection: duckdb.DuckDBPyConnection) -> None:
    _weeks(connection, NO_CUSTOMER, None, None, None, TOO_LITTLE.format(41), TOO_LITTLE.format(39))
    assert _told(connection, 0) == [f"Health: not scored since 2026-01-04. {NO_CUSTOMER}"]
    assert _told(connection, 5) == [f"Health: not scored since 2026-02-01. {TOO_LITTLE.format(39)}"]


def test_who_was_always_scored_is_told_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    _weeks(connection, *[None] * 6)
    assert _told(connection, 5) == []
    explained = explain_account(Published(connection), "a")
    assert explained["health"]["not_scored"] == []
