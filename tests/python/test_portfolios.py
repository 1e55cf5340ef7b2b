"""The suggestion for portfolios: within capacity, as few segments as can be, and honest where nothing fits."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strata.portfolios import NO_CSM, Account, as_json, juggled, sentence, show, suggest

HOURS = {"high": Decimal("23.6889"), "hybrid": Decimal("6.4711"), "tech": Decimal("0.0758")}
BOOKS = st.lists(
    st.tuples(st.sampled_from(sorted(HOURS)), st.integers(0, 3), st.integers(0, 5)), min_size=1, max_size=7
)


def book(rows: list[tuple[str, int, int]], csms: int) -> tuple[list[Account], list[str]]:
    names = [f"csm{number}" for number in range(csms)]
    accounts = [
        Account(f"a{number}", segment, (names + [NO_CSM] * 4)[csm], HOURS[segment], Decimal(mrr))
        for number, (segment, csm, mrr) in enumerate(rows)
    ]
    return accounts, names


def fewest(accounts: list[Account], csms: list[str], capacity: Decimal) -> tuple[int, int] | None:
    """Segments juggled, and moves, of the best of all portfolios; None when none is within capacity."""
    found = []
    for places in product(csms, repeat=len(accounts)):
        given_to = list(zip(accounts, places, strict=True))
        if all(sum((one.hours for one, csm in given_to if csm == name), Decimal(0)) <= capacity for name in csms):
            served = [len({one.segment for one, csm in given_to if csm == name}) for name in csms]
            found.append((sum(max(number - 1, 0) for number in served), sum(one.csm != csm for one, csm in given_to)))
    return min(found, default=None)


@settings(max_examples=60, deadline=None)
@given(rows=BOOKS, csms=st.integers(1, 3), capacity=st.sampled_from(["0.01", "23.6889", "30.16", "47.3778", "331.5"]))
def test_a_suggestion_is_the_best_of_all_portfolios_or_says_that_there_is_none(
    rows: list[tuple[str, int, int]], csms: int, capacity: str
) -> None:
    accounts, names = book(rows, csms)
    found = suggest(accounts, names, Decimal(capacity))
    best = fewest(accounts, names, Decimal(capacity))
    if best is None:
        assert (found.verdict, found.moves) == ("none", ())
        assert "No portfolio can be suggested" in sentence(found)
        return
    after = found.portfolios(after=True)
    assert found.verdict == "best"
    assert sorted(one.account_id for accounts in after.values() for one in accounts) == sorted(
        one.account_id for one in accounts
    )
    assert all(sum((one.hours for one in after[name]), Decimal(0)) <= Decimal(capacity) for name in names)
    assert not after.get(NO_CSM)
    assert (juggled(after), len(found.moves)) == best


def test_a_large_book_is_within_capacity_and_juggles_less() -> None:
    rows = [(["high", "hybrid", "tech"][number % 3], number // 3 % 3, number % 7) for number in range(90)]
    accounts, names = book(rows, 3)
    accounts += [Account(f"b{n}", "hybrid", "csm3", HOURS["hybrid"], Decimal(n)) for n in range(20)]
    found = suggest(accounts, [*names, "csm3"], Decimal("331.5"))
    assert found.verdict in ("best", "good")
    before, after = found.portfolios(after=False), found.portfolios(after=True)
    assert all(sum((one.hours for one in own), Decimal(0)) <= Decimal("331.5") for own in after.values())
    assert juggled(after) < juggled(before)
    assert as_json(found)["moves"]


def test_what_a_suggestion_comes_to_is_a_result(capsys: pytest.CaptureFixture[str]) -> None:
    """Found or not: it goes where the tables go."""
    for rows in ([("high", 0, 9), ("tech", 1, 1)], [("high", 0, 9)] * 9):
        found = suggest(*book(rows, 2), 2 * HOURS["high"])
        show(found)
        shown = capsys.readouterr()
        assert shown.out.splitlines()[-1] == sentence(found)
        assert shown.err == ""


def test_those_of_the_smallest_mrr_move() -> None:
    """Of two accounts that are owed the same, one has to go: the one with less money in it."""
    accounts = [
        Account(name, "high", "one", HOURS["high"], Decimal(mrr)) for name, mrr in (("a", 9), ("b", 1), ("c", 5))
    ]
    found = suggest(accounts, ["one", "two"], 2 * HOURS["high"])
    assert [(move.account.account_id, move.to) for move in found.moves] == [("b", "two")]
