"""Fits the churn risk on what the health score saw, out of time, and gives coefficients as policy rows.

A logistic model with a ridge on how many points each component lacks. The ridge pulls less on what the policy weighs
more, as prior knowledge does in a regression of few cases (Hoerl and Kennard 1970, generalised ridge). Components whose
coefficient would be negative are left out one by one, so that a better value never raises the risk. Scoring is the SQL
of int_churn_risks; here is nothing but the fit. A model knows only periods that were over on its first day, and is
judged on days after that.
"""

import csv
import importlib.util
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from strata.console import say, table, tell
from strata.errors import InputError, StrataError, writing
from strata.policy.checks.risks import INTERCEPT
from strata.project import Project

COLUMNS = (
    "risk_model", "term", "coefficient", "value_when_missing", "lead_days", "horizon_days", "fitted_until",
    "valid_from", "valid_to", "policy_version",
)  # fmt: skip
FILE = "churn_risk_coefficients.csv"
RIDGES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)


@dataclass(frozen=True)
class Case:
    """A customer of a cohort. lacks: component to the share of 100 points it lacked; absent where it was not scored."""

    observed_on: date
    period_to: date
    churned: bool
    health_score: float
    lacks: Mapping[str, float]


@dataclass(frozen=True)
class Model:
    """A fit. terms: coefficient and value when missing by component; cases, churned: what it was fitted on."""

    valid_from: date
    intercept: float
    terms: Mapping[str, tuple[float, float]]
    ridge: float
    cases: int
    churned: int

    def probability(self, case: Case) -> float:
        """As int_churn_risks says it."""
        odds = self.intercept + sum(
            coefficient * case.lacks.get(component, missing) for component, (coefficient, missing) in self.terms.items()
        )
        return 1 / (1 + math.exp(-odds))


@dataclass(frozen=True)
class Settings:
    """The parameters of the validation in force, and how often a model is fitted anew."""

    lead_days: int
    horizon_days: int
    minimum_churned: int
    policy_version: str
    every: int


def calibrate(project: Project, every: int = 90) -> dict[str, Any]:
    """Fits a model every so many days back from the as-of date, and judges each on the days it would have scored.

    Reads the build file. Raises InputError when scikit-learn is not there, or too few churned.
    """
    if importlib.util.find_spec("sklearn") is None:
        raise InputError("calibrate needs scikit-learn", "install the extra `calibrate`: make setup-calibrate")
    if not project.build_db.is_file():
        raise InputError(f"{project.shown(project.build_db)}: nothing is built there yet", "run `strata build`")
    with duckdb.connect(str(project.build_db), read_only=True) as connection:
        settings = _settings(connection, project.as_of, every)
        cases = read_cases(connection)
        weights = read_weights(connection, project.as_of)
    return calibrated(cases, settings, project.as_of, weights)


def calibrated(cases: Sequence[Case], settings: Settings, as_of: date, weights: Mapping[str, float]) -> dict[str, Any]:
    """The same on cases that were read. weights: per cent of the whole score by component.

    Raises InputError when fewer churned than a validation asks for.
    """
    days = [as_of]
    while sum(case.churned for case in known_on(cases, days[-1])) >= settings.minimum_churned:
        days.append(days[-1] - timedelta(days=settings.every))
    models = [fit(known_on(cases, day), day, weights) for day in reversed(days[:-1])]
    if not models:
        churned = sum(case.churned for case in known_on(cases, as_of))
        raise InputError(
            f"{churned} churned within the horizon of a cohort, fewer than {settings.minimum_churned}",
            "wait for more, or lower validation_minimum_churned in parameters.csv and mistrust what comes out",
        )
    ends = [model.valid_from for model in models[1:]]
    judged: list[tuple[Case, float]] = []
    for model, end in zip(models, [*ends, None], strict=True):
        judged += [
            (case, model.probability(case))
            for case in cases
            if model.valid_from <= case.observed_on and (end is None or case.observed_on < end)
        ]
    return {
        "rows": [row for model, end in zip(models, [*ends, None], strict=True) for row in rows(model, end, settings)],
        "models": [
            {"valid_from": m.valid_from, "cases": m.cases, "churned": m.churned, "ridge": m.ridge} for m in models
        ],
        "out_of_time": figures(judged, settings.minimum_churned),
        "proposal": proposal(models[-1], weights),
    }


def known_on(cases: Sequence[Case], day: date) -> list[Case]:
    """Those whose horizon was over before that day."""
    return [case for case in cases if case.period_to <= day]


def fit(cases: Sequence[Case], day: date, weights: Mapping[str, float]) -> Model:
    """The model that scores from that day on. The ridge is the one that does best on the latest third of the cases."""
    scales = _scales({component for case in cases for component in case.lacks}, weights)
    cohorts = sorted({case.observed_on for case in cases})
    split = cohorts[2 * len(cohorts) // 3]
    early = [case for case in cases if case.period_to <= split]
    late = [case for case in cases if case.observed_on >= split]
    ridge = RIDGES[0]
    if any(case.churned for case in early) and any(case.churned for case in late):
        ridge = min(RIDGES, key=lambda one: (_loss(_fit(early, day, one, scales), late), one))
    return _fit(cases, day, ridge, scales)


def _scales(components: Collection[str], weights: Mapping[str, float]) -> dict[str, float]:
    """By component: its weight ÷ the average one. What has no weight has the least of those that have."""
    known = [weights[component] for component in components if weights.get(component, 0.0) > 0]
    if not known:
        return dict.fromkeys(components, 1.0)
    return {component: (weights.get(component, 0.0) or min(known)) / _mean(known) for component in components}


def _fit(cases: Sequence[Case], day: date, ridge: float, scales: Mapping[str, float]) -> Model:
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    seen = {component for case in cases for component in case.lacks}
    missing = {
        component: round(_mean([c.lacks[component] for c in cases if component in c.lacks]), 4) for component in seen
    }
    churned = np.array([case.churned for case in cases])
    kept = sorted(seen)
    while kept:
        lacks = np.array([[case.lacks.get(component, missing[component]) for component in kept] for case in cases])
        scale = np.array([scales[component] for component in kept])
        fitted = LogisticRegression(C=ridge, max_iter=2000).fit(lacks * scale, churned)
        coefficients = [float(one) for one in fitted.coef_[0] * scale]
        worst = min(range(len(kept)), key=coefficients.__getitem__)
        if coefficients[worst] >= 0:
            terms = {name: (round(one, 6), missing[name]) for name, one in zip(kept, coefficients, strict=True)}
            return Model(day, round(float(fitted.intercept_[0]), 6), terms, ridge, len(cases), int(churned.sum()))
        kept.pop(worst)
    base = float(churned.mean())
    return Model(day, round(math.log(base / (1 - base)), 6), {}, ridge, len(cases), int(churned.sum()))


def _loss(model: Model, cases: Sequence[Case]) -> float:
    chances = [(case.churned, model.probability(case)) for case in cases]
    return -_mean([math.log(chance if churned else 1 - chance) for churned, chance in chances])


def rows(model: Model, valid_to: date | None, settings: Settings) -> list[dict[str, str]]:
    """The model as rows of the seed."""
    terms = [(INTERCEPT, (model.intercept, 0.0)), *sorted(model.terms.items())]
    return [
        {
            "risk_model": f"logistic_{model.valid_from:%Y_%m_%d}",
            "term": term,
            "coefficient": f"{coefficient:.6f}",
            "value_when_missing": f"{missing:.4f}",
            "lead_days": str(settings.lead_days),
            "horizon_days": str(settings.horizon_days),
            "fitted_until": model.valid_from.isoformat(),
            "valid_from": model.valid_from.isoformat(),
            "valid_to": "" if valid_to is None else valid_to.isoformat(),
            "policy_version": settings.policy_version,
        }
        for term, (coefficient, missing) in terms
    ]


def figures(judged: Sequence[tuple[Case, float]], minimum_churned: int) -> dict[str, Any]:
    """AUC of the risk and of the score on the same days, Brier score, and what was said against what followed."""
    churned = sum(case.churned for case, _ in judged)
    found: dict[str, Any] = {"cases": len(judged), "churned": churned, "abstains": churned < minimum_churned}
    if not judged or not churned or churned == len(judged):
        return {**found, "abstains": True}
    labels = [case.churned for case, _ in judged]
    chances = [chance for _, chance in judged]
    base = churned / len(judged)
    ordered = sorted(zip(chances, labels, strict=True))
    fifths = [ordered[n * len(ordered) // 5 : (n + 1) * len(ordered) // 5] for n in range(5)]
    return {
        **found,
        "auc": auc(labels, chances),
        "auc_of_health_score": auc(labels, [-case.health_score for case, _ in judged]),
        "brier": _mean([(chance - label) ** 2 for chance, label in zip(chances, labels, strict=True)]),
        "brier_of_base_rate": base * (1 - base),
        "said": _mean(chances),
        "followed": base,
        "calibration": [
            {"cases": len(part), "said": _mean([c for c, _ in part]), "followed": _mean([float(y) for _, y in part])}
            for part in fifths
            if part
        ],
    }


def auc(labels: Sequence[bool], risks: Sequence[float]) -> tuple[float, float, float]:
    """AUC and its interval (Hanley and McNeil, 95 of 100), as fct_health_validation has it."""
    from sklearn.metrics import roc_auc_score

    a, n1 = float(roc_auc_score(labels, risks)), sum(labels)
    n0 = len(labels) - n1
    spread = a * (1 - a) + (n1 - 1) * (a / (2 - a) - a * a) + (n0 - 1) * (2 * a * a / (1 + a) - a * a)
    margin = 1.96 * math.sqrt(max(spread, 0.0) / (n1 * n0))
    return a, max(a - margin, 0.0), min(a + margin, 1.0)


def proposal(model: Model, weights: Mapping[str, float]) -> list[dict[str, Any]]:
    """Weights as the coefficients would have them, beside those of the policy: per cent of the whole score."""
    total = sum(coefficient for coefficient, _ in model.terms.values())
    return [
        {
            "component": component,
            "weight": weights[component],
            "proposed": 100 * model.terms.get(component, (0.0, 0.0))[0] / total if total else 0.0,
        }
        for component in sorted(weights)
    ]


def write(project: Project, result: Mapping[str, Any]) -> Path:
    """Puts the coefficients where the policy lies, in place of those that were there.

    Raises InputError where nobody may write.
    """
    path = project.policy_dir / FILE
    with (
        writing(project.shown(path), "let the policy seeds be writable, or leave --write out"),
        path.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(result["rows"])
    return path


def show(result: Mapping[str, Any]) -> None:
    """The result on stdout: figures and proposal as tables, and last how good it is."""
    seen = result["out_of_time"]
    table(
        "Models fitted",
        [("from", "left"), ("cases", "right"), ("churned", "right"), ("ridge", "right")],
        [[str(m["valid_from"]), f"{m['cases']:,}", f"{m['churned']:,}", f"{m['ridge']:g}"] for m in result["models"]],
    )
    if "calibration" in seen:
        table(
            "Out of time, by fifth",
            [("cases", "right"), ("said", "right"), ("followed", "right")],
            [
                [f"{one['cases']:,}", f"{100 * one['said']:.2f} %", f"{100 * one['followed']:.2f} %"]
                for one in seen["calibration"]
            ],
        )
    table(
        "Weights of the profile standard: a proposal",
        [("component", "left"), ("weight", "right"), ("proposed", "right"), ("difference", "right")],
        [
            [
                one["component"],
                f"{one['weight']:.1f}",
                f"{one['proposed']:.1f}",
                f"{one['proposed'] - one['weight']:+.1f}",
            ]
            for one in result["proposal"]
        ],
    )
    say("each model knows what was over on its first day; the proposal changes nothing until a person writes it")
    if seen["abstains"]:
        few = f"{seen['churned']} churned of {seen['cases']:,}, too few to say how good it is"
        tell(f"out of time: {few}", style="bold")
        return
    for name, figure in (("churn risk", seen["auc"]), ("health score", seen["auc_of_health_score"])):
        value, lower, upper = figure
        doubt = " no better than chance" if lower <= 0.5 else ""
        tell(f"out of time, {name}: AUC {value:.3f} ({lower:.3f} to {upper:.3f}){doubt}", style="bold")
    tell(
        f"out of time, churn risk: Brier {seen['brier']:.5f} against {seen['brier_of_base_rate']:.5f} of the base rate;"
        f" said {100 * seen['said']:.2f} %, followed {100 * seen['followed']:.2f} %"
        f" ({seen['churned']} churned of {seen['cases']:,})",
        style="bold",
    )


def read_cases(connection: duckdb.DuckDBPyConnection) -> list[Case]:
    """Customers of all cohorts that had a score, with what their components lacked on the day of observation."""
    outcomes, scores, parts = (
        _place(connection, name)
        for name in ("int_validation_outcomes", "fct_health_scores", "fct_health_score_components")
    )
    # From the public tables, which are kept: what they are made of holds the rows of the last run alone.
    found = connection.execute(
        f"""
        select any_value(outcomes.observed_on), any_value(outcomes.period_to), any_value(outcomes.is_churned),
            any_value(scores.computed_score),
            map_from_entries(list((parts.component, (100 - parts.points) / 100) order by parts.component))
        from {outcomes} as outcomes
        inner join {scores} as scores
            on outcomes.account_id = scores.account_id and outcomes.observed_on = scores.snapshot_date
        inner join {parts} as parts
            on outcomes.account_id = parts.account_id and outcomes.observed_on = parts.snapshot_date
        where scores.computed_score is not null and parts.status = 'scored'
        group by outcomes.account_id, outcomes.period_from
        order by any_value(outcomes.observed_on), outcomes.account_id
        """
    ).fetchall()
    return [
        Case(observed_on, period_to, bool(churned), float(score), {name: float(lack) for name, lack in lacks.items()})
        for observed_on, period_to, churned, score, lacks in found
    ]


def _settings(connection: duckdb.DuckDBPyConnection, as_of: date, every: int) -> Settings:
    holds = "where valid_from <= ? and (valid_to is null or ? < valid_to)"
    found = dict(
        connection.execute(
            f"select parameter, parameter_value from {_place(connection, 'parameters')} {holds}", [as_of, as_of]
        ).fetchall()
    )
    versions = connection.execute(
        f"select policy_version from {_place(connection, 'policy_versions')} {holds}", [as_of, as_of]
    ).fetchall()
    return Settings(
        int(found["validation_lead_days"]), int(found["validation_horizon_days"]),
        int(found["validation_minimum_churned"]), str(versions[0][0]), every,
    )  # fmt: skip


def read_weights(connection: duckdb.DuckDBPyConnection, as_of: date) -> dict[str, float]:
    """Per cent of the whole score by component, of the profile standard."""
    weights, groups, components = (
        _place(connection, name) for name in ("score_weights", "score_groups", "score_components")
    )
    holds = " and ".join(
        f"{name}.valid_from <= $day and ({name}.valid_to is null or $day < {name}.valid_to)" for name in ("w", "g", "c")
    )
    return {
        component: float(weight)
        for component, weight in connection.execute(
            f"select w.component, w.weight * g.weight / 100 from {weights} as w inner join {components} as c"
            f" on w.component = c.component and c.score_model = 'health' inner join {groups} as g"
            f" on w.profile = g.profile and c.component_group = g.component_group"
            f" where w.profile = 'standard' and {holds}",
            {"day": as_of},
        ).fetchall()
    }


def _place(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    found = connection.execute(
        "select table_schema from information_schema.tables where table_name = ?", [name]
    ).fetchall()
    if not found:
        raise StrataError(f"the build has no table {name}", "build with this version: strata build")
    return f"{found[0][0]}.{name}"


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else 0.0
