"""The churn risk: fitted on the past alone, monotone, and scored by SQL as Python says it."""

from __future__ import annotations

import csv
import datetime as dt
import random
import shutil
import subprocess
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest
from conftest import ROOT
from engines_needed import without_extra
from hypothesis import given
from hypothesis import strategies as st
from law_builds import AS_OF, D, LawBuild

if find_spec("sklearn") is None:
    without_extra("calibrate", "sklearn")

from strata.calibrate import Case, Model, Settings, calibrated, fit, known_on, read_cases, rows, show
from strata.errors import InputError
from strata.policy import check_policy
from strata.policy.models import ChurnRiskCoefficient
from strata.proposal import as_diff, hundred

pytest_plugins = ["law_fixtures"]

SETTINGS = Settings(lead_days=60, horizon_days=30, minimum_churned=20, policy_version="v1", every=90)
START = dt.date(2025, 1, 5)


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    """A year of cohorts in which `bad` drives churn, `noise` says nothing and `reversed` looks better before it."""
    chance = random.Random(5)
    made = []
    for cohort in range(12):
        observed = START + dt.timedelta(days=30 * cohort)
        for _ in range(150):
            bad = chance.random()
            churned = chance.random() < 0.01 + 0.25 * bad**2
            lacks = {"bad": bad, "noise": chance.random(), "reversed": chance.random() * (0.6 if churned else 1.0)}
            if chance.random() < 0.3:
                del lacks["noise"]
            made.append(Case(observed, observed + dt.timedelta(days=90), churned, 100 - 100 * bad, lacks))
    return made


def test_what_would_raise_the_risk_by_a_better_value_is_left_out(cases: list[Case]) -> None:
    model = fit(cases, dt.date(2026, 6, 30), {})
    assert model.terms["bad"][0] > 0.5
    assert "reversed" not in model.terms
    assert all(coefficient >= 0 for coefficient, _ in model.terms.values())


def test_few_cases_lean_on_the_policy_and_many_do_not() -> None:
    """Two components that always move together share one coefficient by their weights; data may still overrule it."""
    chance = random.Random(3)
    made = []
    for number in range(900):
        observed = START + dt.timedelta(days=30 * (number // 75))
        both, other = chance.random(), chance.random()
        churned = chance.random() < 0.3 * other**2
        lacks = {"heavy": both, "light": both, "other": other}
        made.append(Case(observed, observed + dt.timedelta(days=90), churned, 100 - 100 * both, lacks))
        made.append(Case(observed, observed + dt.timedelta(days=90), chance.random() < 0.2 * both, 50.0, lacks))
    terms = fit(made, dt.date(2026, 6, 30), {"heavy": 30.0, "light": 10.0, "other": 5.0}).terms
    assert terms["heavy"][0] > 8 * terms["light"][0] > 0, "the pull goes with the square of the weight: 9 times"
    assert terms["other"][0] > 0.5, "what the policy hardly weighs is found where the cases say so"


def test_a_model_knows_only_what_was_over_on_its_first_day(cases: list[Case]) -> None:
    """Another future, in which everybody churns, changes no model that scores before it."""
    as_of = START + dt.timedelta(days=420)
    first = calibrated(cases, SETTINGS, as_of, {"bad": 60.0, "noise": 40.0})
    assert len(first["models"]) >= 2
    day = max(model["valid_from"] for model in first["models"] if model["valid_from"] < as_of)
    future = [
        Case(case.observed_on, case.period_to, case.churned or case.period_to > day, case.health_score, case.lacks)
        for case in cases
    ]
    second = calibrated(future, SETTINGS, as_of, {"bad": 60.0, "noise": 40.0})
    early = [row for row in first["rows"] if row["valid_from"] <= day.isoformat()]
    assert early
    assert early == [row for row in second["rows"] if row["valid_from"] <= day.isoformat()]
    assert all(row["fitted_until"] <= row["valid_from"] for row in first["rows"])
    assert all(case.period_to <= day for case in known_on(cases, day))


def test_the_figures_are_of_days_that_no_model_was_fitted_on(cases: list[Case]) -> None:
    found = calibrated(cases, SETTINGS, START + dt.timedelta(days=420), {"bad": 60.0, "noise": 40.0})
    seen = found["out_of_time"]
    assert seen["cases"] == sum(case.observed_on >= found["models"][0]["valid_from"] for case in cases)
    assert seen["auc"][1] > 0.5, "what was planted is found"
    assert seen["brier"] < seen["brier_of_base_rate"]
    proposal = {one["component"]: one["proposed"] for one in found["proposal"]}
    assert proposal["bad"] > 80 > proposal["noise"]
    assert sum(proposal.values()) == pytest.approx(100)


def test_how_good_it_is_is_a_result(cases: list[Case], capsys: pytest.CaptureFixture[str]) -> None:
    found = calibrated(cases, SETTINGS, START + dt.timedelta(days=420), {"bad": 60.0, "noise": 40.0})
    few = {**found, "out_of_time": {**found["out_of_time"], "abstains": True}}
    for result, words in ((found, ("health score: AUC ", "churn risk: AUC ", ": Brier ")), (few, ("too few to say",))):
        show(result)
        shown = capsys.readouterr()
        assert all(word in shown.out for word in words)
        assert "out of time" not in shown.err


def test_too_few_churned_are_refused(cases: list[Case]) -> None:
    with pytest.raises(InputError, match="fewer than 20"):
        calibrated(cases[:100], SETTINGS, dt.date(2026, 6, 30), {})


def test_a_daily_run_leaves_every_case(base: LawBuild, day_after_day: LawBuild) -> None:
    """What a run works out anew is a part of the history; a model is fitted on all of it."""
    found = []
    for build in (base, day_after_day):
        with duckdb.connect(str(build.database), read_only=True) as connection:
            found.append(read_cases(connection))
    whole, daily = found
    assert len(whole) > 100
    assert sum(case.churned for case in whole) > 0
    assert all(case.lacks and all(0 <= lack <= 1 for lack in case.lacks.values()) for case in whole)
    assert daily == whole


def test_sql_scores_as_python_does(base: LawBuild) -> None:
    model = Model(D, -3.5, {"active_days": (1.25, 0.3104), "nps": (0.75, 0.25), "csat": (2.000001, 0.5)}, 1.0, 0, 0)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{base.database}' as kept (read_only)")
        connection.execute("attach ':memory:' as build")
        connection.execute("create schema build.main_policy")
        for table in ("int_health_results", "int_health_points", "churn_risk_coefficients"):
            connection.execute(f"create table build.main_policy.{table} as from kept.main_policy.{table}")
        for row in rows(model, AS_OF, SETTINGS):
            connection.execute(
                "insert into build.main_policy.churn_risk_coefficients values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                list(row.values()),
            )
        scored = connection.execute(
            "select account_id, snapshot_date, risk_status, churn_probability"
            f" from ({base.compiled('int_churn_risks')})"
        ).fetchall()
    lacks: dict[tuple[str, dt.date], dict[str, float]] = {}
    for account, day, component, points in base.query(
        "select account_id, snapshot_date, component, points from main_policy.int_health_points where status = 'scored'"
    ):
        lacks.setdefault((account, day), {})[component] = float(100 - points) / 100
    rated = [row for row in scored if row[2] == "rated"]
    assert len(rated) > 500
    assert {row[2] for row in scored if not D <= row[1] < AS_OF} == {"no_model", "not_scored", "not_a_customer"}
    assert all(D <= row[1] < AS_OF for row in rated)
    for account, day, _, probability in rated:
        case = Case(day, day, False, 0.0, lacks[(account, day)])
        assert abs(float(probability) - model.probability(case)) < 2e-6


def test_what_is_written_is_sound_policy(cases: list[Case]) -> None:
    found = calibrated(cases, SETTINGS, START + dt.timedelta(days=420), {"bad": 60.0, "noise": 40.0})
    for line, row in enumerate(found["rows"], 2):
        ChurnRiskCoefficient(line=line, **{key: value for key, value in row.items() if value})


def test_a_proposal_is_a_diff_that_makes_sound_policy(cases: list[Case], tmp_path: Path) -> None:
    """Taken by `git apply`, the policy passes its check; the weights are those of the coefficients, 100 a group."""
    seeds = tmp_path / "seeds"
    shutil.copytree(ROOT / "seeds", seeds)
    proposed = [
        {"component": "active_days", "proposed": 61.27},
        {"component": "last_seen", "proposed": 18.4},
        {"component": "nps", "proposed": 20.33},
        {"component": "csat", "proposed": 0.0},
    ]
    text = as_diff(seeds / "policy", tmp_path, proposed, dt.date(2026, 6, 30))
    (tmp_path / "weights.diff").write_text(text, encoding="utf-8")
    subprocess.run(["git", "apply", "weights.diff"], cwd=tmp_path, check=True)
    found = check_policy(seeds / "policy", as_of=dt.date(2026, 7, 2), reporting_currency="USD")
    assert [item for item in found if item.severity == "error"] == []
    with (seeds / "policy" / "score_weights.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["profile"] == "standard" and not row["valid_to"]]
    weights = {row["component"]: row["weight"] for row in rows}
    assert weights == {"active_days": "76.9", "last_seen": "23.1", "nps": "100.0"}


@given(shares=st.dictionaries(st.text("abcdef", min_size=1), st.decimals(0, 100, places=3), min_size=1))
def test_weights_make_a_hundred(shares: dict[str, Decimal]) -> None:
    if sum(shares.values()):
        weights = hundred(shares)
        assert sum(weights.values()) == 100
        assert all(weight > 0 and weight == round(weight, 1) for weight in weights.values())
