"""How long visits to stages last, and when plays are raised, against references over made-up histories."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from laboratory import Laboratory
from scipy.stats import CensoredData, ecdf

# Sundays, and a last day that is none, as the run's own day is.
DAYS = [dt.date(2024, 1, 7) + dt.timedelta(days=7 * number) for number in range(25)] + [dt.date(2024, 6, 27)]
START = dt.date(2000, 1, 1)
STAGES = ("buying", "onboarding", "value", "churned")
PERCENTILE = 0.75
MODELS = [
    "int_stage_visits", "int_stage_survival", "fct_journey_durations", "int_play_dues", "int_play_openings",
    "int_play_runs",
]  # fmt: skip

# Stages with the snapshots they last, from which snapshot on, and after how many the account's life ends, if it does.
HISTORY = st.tuples(
    st.lists(st.tuples(st.sampled_from(STAGES), st.integers(1, 9)), min_size=1, max_size=8),
    st.integers(0, 20),
    st.none() | st.integers(1, 20),
)
History = tuple[list[tuple[str, int]], int, int | None]


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    made = Laboratory(tmp_path_factory.getbasetemp() / "laboratory", MODELS, DAYS[-1])
    made.put("int_snapshots", "snapshot_date date", [(day,) for day in DAYS])
    made.put("policy_versions", "policy_version varchar, valid_from date, valid_to date", [("v1", START, None)])
    made.put(
        "stages",
        "stage varchar, stall_after_days integer, stall_percentile decimal(5, 4), valid_from date, valid_to date",
        [(stage, None, PERCENTILE, START, None) for stage in STAGES],
    )  # fmt: skip
    made.put(
        "parameters", "parameter varchar, parameter_value decimal(18, 4), valid_from date, valid_to date",
        [("stall_minimum_exits", 1, START, None)],
    )  # fmt: skip
    # What a rule looked at is not asked here: no rule has conditions, and no attribute a value.
    texts = "rule_set varchar, rule_id varchar, attribute varchar, text_value varchar, valid_from date, valid_to date"
    made.put("rule_conditions", f"{texts}, lower_bound decimal(18, 4), upper_bound decimal(18, 4)", [])
    ages = "attribute varchar, age_attribute varchar, maximum_age_days integer, valid_from date, valid_to date"
    made.put("attributes", ages, [])
    attributes = sorted(
        set(re.findall(r"\binputs\.(\w+)", made.sql("int_stage_visits"))) - {"account_id", "snapshot_date"}
    )
    kinds = ", ".join(f"{name} decimal(18, 4)" for name in attributes)
    made.put("int_policy_attributes", f"account_id varchar, snapshot_date date, {kinds}", [])
    yield made
    made.close()


def days_of(history: History) -> list[tuple[dt.date, str]]:
    """The stage of every snapshot of a life."""
    runs, start, length = history
    stages = [stage for stage, count in runs for _ in range(count)]
    stages = [*stages, *[stages[-1]] * len(DAYS)]
    last = len(DAYS) if length is None else start + length
    return list(zip(DAYS[start:last], stages, strict=False))


def put(laboratory: Laboratory, histories: Sequence[History]) -> None:
    lived = [days_of(history) for history in histories]
    laboratory.put(
        "int_stage_candidates",
        "account_id varchar, snapshot_date date, outcome varchar, rule_id varchar, reason varchar",
        [(f"a{number}", day, stage, "any", "Any.") for number, days in enumerate(lived) for day, stage in days],
    )
    laboratory.put(
        "int_account_lives",
        "account_id varchar, born_on date, died_on date",
        [
            (f"a{number}", days[0][0], DAYS[DAYS.index(days[-1][0]) + 1] if days[-1][0] != DAYS[-1] else None)
            for number, days in enumerate(lived)
        ],
    )
    laboratory.put(
        "fct_segment_assignments",
        "account_id varchar, segment_scheme varchar, segment varchar, valid_from date, valid_to date",
        [(f"a{number}", "touch_model", f"s{number % 2}", START, None) for number in range(len(histories))],
    )


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories=st.lists(HISTORY, min_size=4, max_size=30))
def test_durations_are_those_of_a_walk_and_percentiles_those_of_a_library(
    laboratory: Laboratory, histories: list[History]
) -> None:
    put(laboratory, histories)
    for model in MODELS[:3]:
        laboratory.run(model)
    visits: list[tuple[str, int, str, dt.date, dt.date | None]] = []
    spans: dict[tuple[dt.date, str, str], list[tuple[int, bool]]] = defaultdict(list)
    observed = sorted({min(day for day in DAYS if day.month == month) for month in range(1, 7)} | {DAYS[-1]})
    for number, history in enumerate(histories):
        walked = [(stage, [day for day, _ in days]) for stage, days in groupby(days_of(history), key=lambda at: at[1])]
        for place, (stage, days) in enumerate(walked):
            over = DAYS.index(days[-1]) + 1
            exited = DAYS[over] if over < len(DAYS) else None
            visits.append((f"a{number}", place + 1, stage, days[0], exited))
            for on in observed:
                if days[0] < on:
                    ended = exited is not None and exited <= on
                    last = exited if exited is not None and ended else on
                    spans[on, stage, f"s{number % 2}"].append(
                        ((last - days[0]).days, ended and place + 1 < len(walked))
                    )
    assert sorted(laboratory.rows("int_stage_visits", "account_id, visit, stage, entered_on, exited_on")) == sorted(
        visits
    )
    told = {
        (on, stage, segment): rest
        for on, stage, segment, *rest in laboratory.rows(
            "fct_journey_durations", "observed_on, stage, segment, visits, exits, median_days, percentile_days"
        )
    }
    assert told == {
        group: [len(found), sum(ended for _, ended in found), *quantiles(found)] for group, found in spans.items()
    }


def quantiles(spans: list[tuple[int, bool]]) -> list[int | None]:
    """The days after which a half, and the percentile of policy, has ended, by the product-limit estimate of scipy."""
    ended = [days for days, exited in spans if exited]
    if not ended:
        return [None, None]
    survival = ecdf(CensoredData(ended, right=[days for days, exited in spans if not exited])).sf
    found: list[int | None] = []
    for share in (0.5, PERCENTILE):
        reached = [
            int(days)
            for days, left in zip(survival.quantiles, survival.probabilities, strict=True)
            if left <= 1 - share + 1e-9
        ]
        found.append(min((days for days in reached if days in ended), default=None))
    return found


# Per play: its cool-down, and the snapshots at which it is due, of several accounts.
DUE = st.lists(st.lists(st.booleans(), min_size=len(DAYS), max_size=len(DAYS)), min_size=1, max_size=6)
PLAYS = st.lists(st.tuples(st.integers(0, 90), DUE), min_size=1, max_size=4)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plays=PLAYS)
def test_actions_are_those_of_a_walk_from_snapshot_to_snapshot(
    laboratory: Laboratory, plays: list[tuple[int, list[list[bool]]]]
) -> None:
    laboratory.put(
        "plays", "play varchar, rule_set varchar, cool_down_days integer, valid_from date, valid_to date",
        [(f"p{number}", f"r{number}", rest, START, None) for number, (rest, _) in enumerate(plays)],
    )  # fmt: skip
    laboratory.put(
        "int_play_matches",
        "account_id varchar, rule_set varchar, rule_id varchar, reason varchar, snapshot_date date",
        [
            (f"a{account}", f"r{number}", "any", "Any.", day)
            for number, (_, accounts) in enumerate(plays)
            for account, due in enumerate(accounts)
            for day, is_due in zip(DAYS, due, strict=True)
            if is_due
        ],
    )
    for model in MODELS[3:]:
        laboratory.run(model)
    walked = []
    for number, (rest, accounts) in enumerate(plays):
        for account, due in enumerate(accounts):
            for action in walk(due, rest):
                walked.append((f"a{account}", f"p{number}", *action))
    columns = "account_id, play, run, opened_on, due_since, times_raised, first_due_on, last_due_on"
    assert sorted(laboratory.rows("int_play_runs", columns)) == sorted(walked)


def walk(due: list[bool], rest: int) -> list[tuple[int, dt.date, dt.date, int, dt.date, dt.date]]:
    """The actions of one account and play, none knowing a later snapshot than its own."""
    actions: list[tuple[int, dt.date, dt.date, int, dt.date, dt.date]] = []
    running = False
    since, raised = START, 0
    for day, is_due in zip(DAYS, due, strict=True):
        monday = day - dt.timedelta(days=day.weekday())
        if not is_due:
            running, raised, since = False, 0, START
            continue
        since = monday if since == START else since
        if not actions or (monday - actions[-1][1]).days >= max(rest, 1):
            raised += 1
            actions.append((len(actions) + 1, monday, since, raised, day, day))
            running = True
        elif running:
            actions[-1] = (*actions[-1][:5], day)
    return actions
