"""Movements and retention against a reference in Python, over thousands of made-up accounts."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from laboratory import Laboratory
from reference_mrr import Cohort, movements, retention

MONTHS = [dt.date(2024 + number // 12, number % 12 + 1, 1) for number in range(16)]
LAST_DAYS = [following - dt.timedelta(days=1) for following in [*MONTHS[1:], dt.date(2025, 5, 1)]]

# Zero is a month without a subscription, None one with a subscription that costs nothing.
AMOUNTS = st.sampled_from(["0", "0", None, "0.0001", "50", "100", "100", "120", "999999.9999"])

History = list[str | None]


def _padded(amounts: list[str | None]) -> History:
    """From the second month on: in the first, nobody has a segment at the start."""
    return ["0", *amounts, *["0"] * (len(MONTHS) - len(amounts) - 1)]


HISTORIES = st.lists(
    st.lists(AMOUNTS, min_size=len(MONTHS) - 1, max_size=len(MONTHS) - 1).map(_padded), min_size=10, max_size=40
)


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    models = ["int_owner_windows", "int_owner_movements", "fct_mrr_movements", "fct_revenue_retention"]
    made = Laboratory(tmp_path_factory.getbasetemp() / "laboratory", models)
    made.put(
        "int_months", "month date, observed_on date, is_complete boolean",
        [(month, last, True) for month, last in zip(MONTHS, LAST_DAYS, strict=True)],
    )  # fmt: skip
    made.put(
        "fct_segment_assignments",
        "account_id varchar, segment_scheme varchar, segment varchar, valid_from date, valid_to date", [],
    )  # fmt: skip
    made.put(
        "int_account_heirs", "account_id varchar, heir_account_id varchar, valid_from date, valid_to date", []
    )
    yield made
    made.close()


def _fill(laboratory: Laboratory, histories: list[History]) -> None:
    """Account `a0` and so on, with the MRR of its history at the end of each month."""
    paid = [
        (f"a{number}", MONTHS[at], LAST_DAYS[at], Decimal(amount or 0))
        for number, history in enumerate(histories)
        for at, amount in enumerate(history)
        if amount != "0"
    ]
    laboratory.put(
        "int_account_mrr", "owner_id varchar, account_id varchar, revenue_date date, mrr decimal(18, 4)",
        [(account, account, last, mrr) for account, _, last, mrr in paid],
    )  # fmt: skip


EDGES = [
    _padded(["100", "0", "120"]),
    _padded(["0", "0", "50"]),
    _padded(["140", "40"]),
    _padded([None, "50", None, "50"]),
    _padded([None]),
    _padded(["0"]),
    _padded(["100", "100.0001", "100"]),
]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories=HISTORIES)
@example(histories=EDGES)
def test_movements_are_those_of_the_reference(laboratory: Laboratory, histories: list[History]) -> None:
    _fill(laboratory, histories)
    laboratory.run("int_owner_windows")
    laboratory.run("int_owner_movements")
    laboratory.run("fct_mrr_movements")
    found = laboratory.rows("fct_mrr_movements", "account_id, month, movement, opening_mrr, closing_mrr, mrr")
    expected = {
        (f"a{number}", month, one.movement, one.opening, one.closing, one.closing - one.opening)
        for number, history in enumerate(histories)
        for month, one in movements(
            {month: Decimal(amount or 0) for month, amount in zip(MONTHS, history, strict=True)}, MONTHS
        ).items()
    }
    assert len(found) == len(expected)
    assert set(found) == expected


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories=HISTORIES)
@example(histories=EDGES)
def test_retention_is_that_of_the_reference(laboratory: Laboratory, histories: list[History]) -> None:
    """The month's and the twelve months' figures, of all accounts and of three segments."""
    _fill(laboratory, histories)
    segments = [f"s{number % 3}" for number in range(len(histories))]
    laboratory.put(
        "fct_segment_assignments",
        "account_id varchar, segment_scheme varchar, segment varchar, valid_from date, valid_to date",
        [(f"a{number}", "any", segment, dt.date(2020, 1, 1), None) for number, segment in enumerate(segments)],
    )
    laboratory.run("int_owner_windows")
    laboratory.run("int_owner_movements")
    laboratory.run("fct_revenue_retention")
    found = {
        (segment, month): row
        for segment, month, *row in laboratory.rows(
            "fct_revenue_retention",
            "segment, month, opening_mrr, closing_mrr, nrr, grr, logo_churn, nrr_12m, grr_12m, logo_churn_12m",
        )
    }
    cohorts: dict[str, list[History]] = defaultdict(list)
    for segment, history in zip(segments, histories, strict=True):
        cohorts[segment].append(history)
        cohorts["all_accounts"].append(history)
    for segment, members in cohorts.items():
        for at, month in enumerate(MONTHS):
            expected = _expected(members, at)
            row = found.pop((segment, month), None)
            if row is None:
                assert expected[:2] == [0, 0], (segment, month)
                assert expected[2:] == [None] * 6, (segment, month)
            else:
                assert row == expected, (segment, month)
    assert not found


def _expected(members: list[History], at: int) -> list[Decimal | None]:
    one, year = (_cohort(members, at, window) for window in (1, 12))
    month, trailing = retention(one), retention(year)
    opening = sum((before for before, _ in one.amounts), Decimal(0))
    closing = sum((now for _, now in one.amounts), Decimal(0))
    return [opening, closing, *month, *trailing]


def _cohort(members: list[History], at: int, window: int) -> Cohort:
    """The accounts at both ends of a window."""
    amounts, active = [], []
    for history in members:
        before = history[at - window] if at >= window else "0"
        amounts.append((Decimal(before or 0), Decimal(history[at] or 0)))
        active.append(history[at] != "0")
    return Cohort(amounts, active)
