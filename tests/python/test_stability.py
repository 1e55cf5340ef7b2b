"""The stability of segments against a reference in Python, over thousands of made-up sequences of candidates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from laboratory import Laboratory
from reference_stability import Seen, Stability, steadied

START, MIDDLE = dt.date(2024, 1, 1), dt.date(2024, 9, 2)
# Sundays, and a last day that is none, as the run's own day is.
DAYS = [dt.date(2024, 1, 7) + dt.timedelta(days=7 * number) for number in range(51)] + [dt.date(2024, 12, 26)]
LEVELS = (1, 2, 5)
NAMES: dict[int | None, str] = {1: "low", 2: "middle", 5: "high", None: "none"}

MODELS = ["int_segment_spells", "int_segment_confirmed", "int_segment_tenures", "int_segments_own"]

POLICIES = st.builds(
    Stability,
    up=st.integers(1, 4),
    down=st.integers(1, 5),
    tenure=st.sampled_from([0, 1, 7, 20, 28, 90, 400]),
    takes_effect=st.sampled_from(["at_once", "at_once", "month_start", "quarter_start"]),
    confirmed_by=st.sampled_from(["snapshots", "margin", "either"]),
)
# What the rules say, and for how many snapshots.
Runs = list[tuple[Seen, int]]
NEAR = st.sampled_from([None, None, 1, 2, 5])
SEEN = st.builds(Seen, rank=st.sampled_from([1, 1, 2, 2, 5, 5, None]), least=NEAR, most=NEAR)
RUNS = st.lists(st.tuples(SEEN, st.integers(1, 6)), min_size=2, max_size=len(DAYS))
ACCOUNTS = st.lists(RUNS, min_size=8, max_size=16)
# What a scheme without a row of stability does.
FREE = Stability(1, 1, 0, "at_once")
# The policy of each scheme, and the one that follows in the middle of the history, if one does: another row, or none.
SCHEMES = st.lists(st.tuples(POLICIES, st.none() | st.just(FREE) | POLICIES), min_size=4, max_size=4)

FLAPPING: Runs = [(Seen(2), 1), (Seen(5), 1)] * 26
CLIMBING: Runs = [
    (Seen(rank), length)
    for rank, length in [(1, 10), (2, 3), (5, 3), (1, 2), (5, 2), (1, 9), (None, 1), (1, 1), (5, 20)]
]


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    made = Laboratory(tmp_path_factory.getbasetemp() / "laboratory", MODELS, DAYS[-1])
    made.put("int_snapshots", "snapshot_date date", [(day,) for day in DAYS])
    made.put("rules", "rule_set varchar, valid_from date, valid_to date", [])
    made.put("rule_conditions", "rule_set varchar, valid_from date, valid_to date", [])
    made.put("segment_margins", "segment_scheme varchar, valid_from date, valid_to date", [])
    made.put(
        "segment_overrides",
        "override_id varchar, account_id varchar, segment_scheme varchar, segment varchar, author varchar,"
        " reason varchar, starts_on date, ends_on date", [],
    )  # fmt: skip
    made.put(
        "policy_versions", "policy_version varchar, valid_from date, valid_to date",
        [("v1", START, MIDDLE), ("v2", MIDDLE, None)],
    )  # fmt: skip
    yield made
    made.close()


def _seen(runs: Runs) -> list[Seen]:
    """The candidates of a history; the last one holds until its end."""
    seen = [what for what, length in runs for _ in range(length)]
    return [*seen, *[seen[-1]] * len(DAYS)][: len(DAYS)]


def _answers(
    laboratory: Laboratory, histories: Sequence[Runs], schemes: Sequence[tuple[Stability, Stability | None]]
) -> dict[tuple[str, str], list[tuple[dt.date, str, str | None]]]:
    """What the models say: (account, scheme) -> day, segment, what held it."""
    names = [f"scheme{number}" for number in range(len(schemes))]
    laboratory.put(
        "segment_schemes", "segment_scheme varchar, rule_set varchar, valid_from date, valid_to date",
        [(name, name, START, None) for name in names],
    )  # fmt: skip
    laboratory.put(
        "segments",
        "segment_scheme varchar, segment varchar, segment_rank integer, valid_from date, valid_to date",
        [(name, segment, rank, START, None) for name in names for rank, segment in NAMES.items()],
    )
    rows = [
        (name, row.confirmed_by, row.up, row.down, row.tenure or None, row.takes_effect, begins, ends)
        for name, (first, second) in zip(names, schemes, strict=True)
        for row, begins, ends in ((first, START, second and MIDDLE), (second, MIDDLE, None))
        if row is not None and row is not FREE
    ]
    laboratory.put(
        "segment_stability",
        "segment_scheme varchar, confirmed_by varchar, confirm_up_snapshots integer, confirm_down_snapshots integer,"
        " minimum_tenure_days integer, takes_effect varchar, valid_from date, valid_to date", rows,
    )  # fmt: skip
    laboratory.put(
        "int_segment_margins",
        "account_id varchar, segment_scheme varchar, snapshot_date date, least_rank integer, most_rank integer",
        [
            (f"a{number}", name, day, seen.least, seen.most)
            for number, runs in enumerate(histories)
            for name in names
            for day, seen in zip(DAYS, _seen(runs), strict=True)
            if seen.rank is not None and (seen.least is not None or seen.most is not None)
        ],
    )
    laboratory.put(
        "int_segment_candidates",
        "account_id varchar, segment_scheme varchar, snapshot_date date, outcome varchar, rule_id varchar,"
        " reason varchar",
        [
            (f"a{number}", name, day, NAMES[seen.rank], "any", "Any.")
            for number, runs in enumerate(histories)
            for name in names
            for day, seen in zip(DAYS, _seen(runs), strict=True)
        ],
    )
    laboratory.put(
        "int_days", "day date", [(day,) for day in DAYS],
    )  # fmt: skip
    laboratory.put(
        "int_rebuilds", "account_id varchar, rebuild_from date",
        [(f"a{number}", dt.date(1900, 1, 1)) for number in range(len(histories))],
    )  # fmt: skip
    for model in MODELS:
        laboratory.run(model)
    found: dict[tuple[str, str], list[tuple[dt.date, str, str | None]]] = {}
    for account, scheme, day, segment, held_by in laboratory.rows(
        "int_segments_own", "account_id, segment_scheme, snapshot_date, segment, held_by"
    ):
        found.setdefault((account, scheme), []).append((day, segment, held_by))
    return found


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories=ACCOUNTS, schemes=SCHEMES)
@example(
    histories=[FLAPPING, CLIMBING],
    schemes=[
        (Stability(1, 1, 0, "at_once"), None),
        (Stability(2, 4, 28, "at_once"), None),
        (Stability(1, 3, 90, "month_start"), Stability(1, 1, 28, "quarter_start")),
        (Stability(4, 1, 400, "quarter_start"), FREE),
    ],
)
def test_segments_are_those_of_the_reference(
    laboratory: Laboratory, histories: list[Runs], schemes: list[tuple[Stability, Stability | None]]
) -> None:
    found = _answers(laboratory, histories, schemes)
    assert len(found) == len(histories) * len(schemes)
    for number, runs in enumerate(histories):
        seen = _seen(runs)
        for place, (first, second) in enumerate(schemes):
            policies = [first if second is None or day < MIDDLE else second for day in DAYS]
            expected = [
                (day, NAMES[answer.rank], answer.held_by)
                for day, answer in zip(DAYS, steadied(DAYS, seen, LEVELS, policies), strict=True)
            ]
            assert sorted(found[f"a{number}", f"scheme{place}"]) == expected, (runs, schemes[place])


@pytest.mark.parametrize("tenure", [7, 28, 90])
def test_who_oscillates_changes_no_more_often_than_the_tenure_allows(laboratory: Laboratory, tenure: int) -> None:
    found = _answers(laboratory, [FLAPPING], [(Stability(1, 1, tenure, "at_once"), None)])
    days = sorted(found["a0", "scheme0"])
    changed = [day for (_, before, _), (day, now, _) in pairwise(days) if before != now]
    assert len(changed) > 1
    assert all((later - earlier).days >= tenure for earlier, later in pairwise(changed))


def test_who_oscillates_and_must_be_confirmed_never_changes(laboratory: Laboratory) -> None:
    found = _answers(laboratory, [FLAPPING], [(Stability(2, 2, 0, "at_once"), None)])
    assert {segment for _, segment, _ in found["a0", "scheme0"]} == {"middle"}
    assert {held for _, _, held in found["a0", "scheme0"]} == {None, "confirmation"}
