"""Validation: AUCs as pairs say them, abstention, plain words, and ≈ 0.5 for use where use says nothing."""

from __future__ import annotations

import math
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from law_builds import AS_OF, LawBuild, Workshop
from strata import validate
from strata.generate import GenerateConfig, generate
from strata.published import Published

pytest_plugins = ["law_fixtures"]


def test_an_auc_is_the_share_of_pairs_that_are_in_order(base: LawBuild) -> None:
    """Every pair counted one by one, ties half, for every subject over all cohorts; the SQL is the build's own."""
    sides: dict[str, tuple[list[Decimal], list[Decimal]]] = defaultdict(lambda: ([], []))
    for subject, churned, value in base.query(
        "select subject, is_churned, measured_value from main_policy.int_validation_subjects"
        " where measured_value is not null"
    ):
        sides[subject][0 if churned else 1].append(value)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{base.database}' as kept (read_only)")
        connection.execute("attach ':memory:' as build")
        connection.execute("create schema build.main_policy")
        for table in ("int_validation_ranks", "parameters"):
            connection.execute(f"create table build.main_policy.{table} as from kept.main_policy.{table}")
        connection.execute(
            "update build.main_policy.parameters set parameter_value = 2 where parameter = 'validation_minimum_churned'"
        )
        found = dict(
            connection.execute(
                f"select subject, auc from ({base.compiled('int_validation_aucs')})"
                " where cohort = 'all' and segment = 'all' and is_judged"
            ).fetchall()
        )
    assert len(found) > 10
    for subject, auc in found.items():
        churned, stayed = sides[subject]
        won = sum(2 * (bad < good) + (bad == good) for bad in churned for good in stayed)
        assert abs(auc - Decimal(won) / (2 * len(churned) * len(stayed))) <= Decimal("0.00005"), subject


def test_with_few_churned_it_abstains_and_gives_counts_alone(base: LawBuild) -> None:
    rows = base.query("select churned, verdict, auc, lift, recall, churn_rate from fct_health_validation")
    assert rows
    assert all(
        verdict == "abstains" and (auc, lift, recall) == (None,) * 3 for _, verdict, auc, lift, recall, _ in rows
    )
    assert any(churned > 0 and rate > 0 for churned, _, _, _, _, rate in rows)


def test_every_customer_stands_in_one_band_and_every_churn_in_one_cohort(base: LawBuild) -> None:
    ((bands, whole, churned),) = base.query(
        "select sum(accounts) filter (where band_kind = 'band'), sum(accounts) filter (where band_kind = 'all'),"
        " sum(churned) filter (where band_kind = 'all' and cohort = 'all' and segment = 'all')"
        " from fct_health_validation where subject = 'health_score'"
    )
    assert bands == whole > 0
    outcomes = base.query(
        "select account_id, count(*) from main_policy.int_validation_outcomes where is_churned = 1 group by all"
    )
    assert sum(times for _, times in outcomes) == churned


WORDS = {
    "predicts": "predicts churn",
    "no_predictive_value": "has no predictive value here: the interval of its AUC contains 0.5",
    "misleads": "misleads",
    "abstains": "too few churned to say anything",
}


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        (None, "too few churned"),
        ({"asked": Decimal(3), "says": "abstains"}, "too few churned"),
        ({"asked": Decimal(3), "says": "held"}, "churns 3 times as often as all, or more"),
        ({"asked": Decimal(3), "says": "failed"}, "does not churn 3 times as often as all"),
    ],
)
def test_the_gate_is_said_plainly(gate: dict[str, object] | None, words: str) -> None:
    assert words in validate.gate_sentence({"gate": gate})


@pytest.mark.parametrize("verdict", sorted(WORDS))
def test_the_verdict_is_said_plainly(verdict: str) -> None:
    row = {
        "subject": "health_score", "churned": 60, "accounts": 900, "verdict": verdict, "auc": 0.5, "auc_lower": 0.4,
        "auc_upper": 0.6,
    }  # fmt: skip
    assert WORDS[verdict] in validate.sentence(row)


@pytest.mark.parametrize("tells", [True, False], ids=["told", "abstains"])
def test_bands_are_told_in_the_order_in_which_recall_adds_up(tells: bool) -> None:
    """Whatever policy calls them. In green nobody churned, so that its recall is that of amber."""
    bands = {"red": (0.2, 0.2), "amber": (0.9, 0.1), "green": (0.9, 0), "not_scored": (1, 0.05)}
    with duckdb.connect() as connection:
        connection.execute(
            "create table fct_health_validation (subject text, cohort text, segment text, band text, band_kind text,"
            " observed_on date, known_on date, recall decimal(5, 4), churn_rate decimal(5, 4))"
        )
        for band in sorted(bands):
            recall, rate = bands[band]
            connection.execute(
                "insert into fct_health_validation values ('health_score', 'all', 'all', ?, 'band', null, null, ?, ?)",
                [band, recall if tells else None, rate],
            )
        told = [row["band"] for row in validate.validation(Published(connection))["bands"]]
    assert told == (list(bands) if tells else ["red", "amber", "not_scored", "green"])


@pytest.fixture(scope="module")
def silent(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> LawBuild:
    """A company in which use follows nothing: neither the hidden state nor a decision to leave."""
    raw: Path = tmp_path_factory.mktemp("silent") / "raw"
    generate(
        GenerateConfig(
            accounts=1_000, months=15, seed=7, as_of=AS_OF, out=raw, events_per_account=150, usage_signal=False
        )
    )
    return workshop.build("silent", raw, select="+fct_health_validation")


def test_where_use_says_nothing_validation_says_so(silent: LawBuild) -> None:
    found = dict(
        silent.query(
            "select subject, (auc, auc_lower, auc_upper) from fct_health_validation"
            " where cohort = 'all' and segment = 'all' and band_kind = 'all' and auc is not null"
        )
    )
    auc, lower, upper = found["group:usage"]
    assert lower < Decimal("0.5") < upper
    assert abs(auc - Decimal("0.5")) < Decimal("0.1")
    assert len(found) > 5
    information = silent.query(
        "select information_value, information_value_by_chance from fct_health_validation"
        " where cohort = 'all' and segment = 'all' and band_kind = 'all' and subject = 'group:usage'"
    )
    assert all(value < 3 * by_chance for value, by_chance in information)


def test_information_is_that_of_an_independent_count(silent: LawBuild) -> None:
    """Each tenth counted in Python, for every part of the score and every segment that is judged."""
    tenths: dict[tuple[str, str], dict[int, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for subject, segment, decile, accounts, churned in silent.query(
        "select subject, segment, decile, accounts, churned from main_policy.int_validation_ranks"
        " where cohort = 'all' and decile is not null"
    ):
        tenths[subject, segment][decile][0] += accounts - churned
        tenths[subject, segment][decile][1] += churned
    found = silent.query(
        "select subject, segment, information_value from fct_health_validation"
        " where cohort = 'all' and band_kind = 'all' and information_value is not null"
    )
    assert len({subject for subject, *_ in found}) > 5
    assert len({segment for _, segment, _ in found}) > 1
    for subject, segment, value in found:
        cells = tenths[subject, segment].values()
        stayed, left = (sum(cell[side] + 0.5 for cell in cells) for side in (0, 1))
        shares = [((one + 0.5) / stayed, (other + 0.5) / left) for one, other in cells]
        assert abs(float(value) - sum((a - b) * math.log(a / b) for a, b in shares)) < 1e-4, subject


def test_the_whole_result_can_be_shown(silent: LawBuild, capsys: pytest.CaptureFixture[str]) -> None:
    with duckdb.connect(str(silent.database), read_only=True) as connection:
        result = validate.validation(Published(connection))
    validate.show(result)
    shown = capsys.readouterr()
    assert "By tenth of the ranking" in shown.out
    assert all(sentence in shown.out.splitlines() for sentence in result["sentences"])
    assert validate.gate_sentence(result) in shown.out.splitlines()
    assert shown.err == ""
    assert "Information value by segment" in shown.out
