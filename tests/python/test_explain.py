"""What `strata explain` says of scores, of what moved them and of days without one, on public tables made up for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import duckdb
import pytest
from strata.explain import explain_account, in_one_sentence, sentences
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
            " health_trend text, health_score_change decimal(5, 2), compared_with date, override_id text,"
            " override_author text, override_ends_on date, computed_score decimal(5, 2), computed_band text,"
            " weighted_score decimal(5, 2), score_limit text)"
        )
        for table, columns in (
            ("dim_accounts", "account_name text"),
            (
                "fct_segment_assignments",
                "segment_scheme text, valid_from date, valid_to date, segment text, segment_since date, reason text,"
                " values_seen text",
            ),
            ("fct_journey_stages", "entered_on date, exited_on date, visit int"),
            (
                "fct_health_score_components",
                "snapshot_date date, component text, status text, points int, weight decimal(10, 9),"
                " contribution decimal(5, 2)",
            ),
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
            "insert into fct_health_scores by name select 'a' as account_id, ? as snapshot_date, ? as health_score,"
            " ? as health_band, ? as score_status, ? as reason, 'standard' as profile, 0.8 as coverage,"
            " ? as compared_with, health_band as computed_band",
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


def _lines(connection: duckdb.DuckDBPyConnection, week: int) -> list[str]:
    return sentences(explain_account(Published(connection), "a", FIRST + dt.timedelta(weeks=week)))


def _component(connection: duckdb.DuckDBPyConnection, week: int, component: str, status: str) -> None:
    """Half of the weight and half of the points, where it is scored."""
    scored = (50, 0.5, 25) if status == "scored" else (None, None, None)
    connection.execute(
        "insert into fct_health_score_components values ('a', ?, ?, ?, ?, ?, ?)",
        [FIRST + dt.timedelta(weeks=week), component, status, *scored],
    )


def _override(connection: duckdb.DuckDBPyConnection, computed: float | None, rule: str | None) -> None:
    connection.execute(
        "update fct_health_scores set health_score = 80, health_band = 'green', override_id = 'o1',"
        " reason = 'They will pay', override_author = 'cs_lead', override_ends_on = date '2026-03-01',"
        " computed_score = ?, computed_band = ?, score_limit = ?, weighted_score = 60.5",
        [computed, computed and "red", rule],
    )


def test_a_score_that_a_person_set_says_so_and_what_is_computed_beside_it(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """The components and the hard rule explain the computed score, and not the one that is shown."""
    _weeks(connection, None)
    _component(connection, 0, "depth", "scored")
    assert _lines(connection, 0)[2:] == ["Carried by depth (25.0) points.", "Most is lost on depth (25.0) points."]
    _override(connection, 45, "long_overdue")
    assert _lines(connection, 0)[2:] == [
        "Set by cs_lead until 2026-03-01: They will pay. Computed beside it: 45.00, red.",
        "In the computed score the hard rule long_overdue overrides the weights: they alone say 60.50.",
        "The computed score is carried by depth (25.0) points.",
        "Most is lost on depth (25.0) points.",
    ]
    told = in_one_sentence(explain_account(Published(connection), "a"), 100, "USD")
    assert told.endswith("health 80.00 green, set by cs_lead until 2026-03-01 (computed: 45.00).")


def test_a_score_that_a_person_set_where_none_is_computed(connection: duckdb.DuckDBPyConnection) -> None:
    _weeks(connection, None)
    _component(connection, 0, "depth", "scored")
    connection.execute("update fct_health_score_components set contribution = null")
    _override(connection, None, None)
    assert _lines(connection, 0)[2:] == ["Set by cs_lead until 2026-03-01: They will pay. Computed beside it: nothing."]
    told = in_one_sentence(explain_account(Published(connection), "a"), 100, "USD")
    assert told.endswith("set by cs_lead until 2026-03-01 (computed: nothing).")


def test_a_band_that_is_kept_against_the_score_says_so(connection: duckdb.DuckDBPyConnection) -> None:
    _weeks(connection, None)
    assert len(_lines(connection, 0)) == 2
    connection.execute("update fct_health_scores set health_score = 50.03, health_band = 'red'")
    assert _lines(connection, 0)[1:] == [
        "Health 50.03 of 100: red; 80 % of the weight has fresh data (profile standard).",
        "By the score alone it would be yellow; a band is kept until the score has passed an edge by the hysteresis of"
        " the policy.",
    ]


def test_a_stay_in_a_segment_is_told_from_its_first_day_and_values_from_theirs(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Another rule or another policy begins an interval, and no stay."""
    _weeks(connection, None)
    connection.execute(
        "insert into fct_segment_assignments values ('a', 'touch_model', date '2026-01-01', null, 'high_touch',"
        " date '2025-03-02', 'Large value', 'value_band = large')"
    )
    assert _lines(connection, 0)[1] == (
        "Segment high_touch of touch_model, since 2025-03-02: Large value. Seen on 2026-01-01: value_band = large."
    )


def test_a_hard_rule_is_behaviour_and_what_came_and_went_is_named(connection: duckdb.DuckDBPyConnection) -> None:
    _weeks(connection, *[None] * 5)
    for component, before, after in (
        ("csat", "scored", "missing"), ("depth", "scored", "scored"), ("nps", "missing", "stale"),
        ("usage_trend", "too_early", "scored"),
    ):  # fmt: skip
        _component(connection, 0, component, before)
        _component(connection, 4, component, after)
    # Of another profile: it came with that, and not because it is known now.
    _component(connection, 4, "time_to_value", "scored")
    for driver, part in (("data:depth", -4), ("limit", -20), ("missingness", 3), ("profile", 1)):
        cause, _, component = driver.partition(":")
        connection.execute(
            "insert into fct_health_score_changes values ('a', ?, ?, ?, ?, ?)",
            [FIRST + dt.timedelta(weeks=4), driver, cause, component or None, part],
        )
    assert [line for line in _lines(connection, 4) if "moved" in line or "behaviour" in line] == [
        "Since 2026-01-04 it moved -20.0 points: down by depth (-4.0), by hard rules -20.0.",
        "Not by behaviour: what is known or no longer known +3.0 (newly scored: usage_trend;"
        " no longer: csat (missing)), another profile +1.0.",
    ]
