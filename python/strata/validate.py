"""Does the score predict churn? fct_health_validation put into tables, a plot and one plain sentence."""

import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from strata.console import table, tell
from strata.errors import InputError, writing
from strata.project import Project
from strata.published import Published, Row, open_published

PLOTS = (".svg", ".png", ".html")
SUBJECTS = ("churn_risk", "health_score")
_POOLED = "select * from fct_health_validation where cohort = 'all'"


def validate(project: Project) -> dict[str, Any]:
    """What all cohorts together say, from the published tables."""
    with open_published(project) as published:
        return validation(published)


def validation(published: Published) -> dict[str, Any]:
    """The same from tables that are open already: sentences, and the rows they are made of."""
    rows = published.rows(f"{_POOLED} order by subject, segment, band_kind, band")
    parameters = published.row("select min(observed_on) as first, max(known_on) as last from fct_health_validation")
    whole = [row for row in rows if row["segment"] == "all" and row["band_kind"] == "all"]
    judged = [row for row in whole if row["subject"] in SUBJECTS]
    return {
        "from": None if parameters is None else parameters["first"],
        "to": None if parameters is None else parameters["last"],
        "sentences": [sentence(row) for row in judged]
        or ["No period of the validation is over yet: nothing is known."],
        "subjects": judged,
        "parts": sorted((row for row in whole if row["subject"] not in SUBJECTS), key=_strongest),
        "bands": _riskiest_first([row for row in rows if row["segment"] == "all" and row["band_kind"] == "band"]),
        "deciles": [row for row in rows if row["segment"] == "all" and row["band_kind"] == "decile"],
        "segments": [row for row in rows if row["segment"] != "all" and _is_whole(row) and row["subject"] in SUBJECTS],
        "parts_by_segment": [
            row for row in rows if row["segment"] != "all" and _is_whole(row) and row["subject"] not in SUBJECTS
        ],
        "parts_by_cohort": published.rows(
            "select * from fct_health_validation where cohort <> 'all' and segment = 'all' and band_kind = 'all'"
            " and subject not in ('churn_risk', 'health_score') order by subject, cohort"
        ),
        "gate": next(({"asked": row["gate_lift"], "says": row["gate"]} for row in judged if row["gate"]), None),
    }


def _riskiest_first(bands: Sequence[Row]) -> list[Row]:
    """As recall adds up; where it is not told, or equal, by the share that churned."""
    return sorted(
        bands,
        key=lambda row: (row["subject"], float(row["recall"] or 0), -float(row["churn_rate"]), row["band"]),
    )


def _is_whole(row: Row) -> bool:
    return bool(row["band_kind"] == "all")


def sentence(row: Row) -> str:
    """What a row of a whole cohort says, plainly."""
    subject, counts = row["subject"], f"{row['churned']:,} of {row['accounts']:,} churned"
    interval = f"AUC {row['auc']}, interval {row['auc_lower']} to {row['auc_upper']}, {counts}"
    if row["verdict"] == "abstains":
        return f"{subject}: too few churned to say anything ({counts}); counts only."
    if row["verdict"] == "no_predictive_value":
        return f"{subject} has no predictive value here: the interval of its AUC contains 0.5 ({interval})."
    if row["verdict"] == "misleads":
        return f"{subject} misleads: those it holds for healthy churn more ({interval})."
    return f"{subject} predicts churn ({interval})."


def gate_sentence(result: Mapping[str, Any]) -> str:
    """What the gate of the policy says, plainly. An abstention is no failure: nothing is known."""
    gate = result["gate"]
    if gate is None or gate["says"] == "abstains":
        return "gate: too few churned to judge the worst health band; it neither held nor failed."
    asked = f"{float(gate['asked']):g} times as often as all"
    if gate["says"] == "held":
        return f"gate: the worst health band churns {asked}, or more."
    return f"gate: the worst health band does not churn {asked}."


def show(result: Mapping[str, Any]) -> None:
    """The result on stdout: tables, and the sentences last, where they are read."""
    if result["bands"]:
        table(
            "By band, the riskiest first: recall is of a band and those before it",
            _COLUMNS,
            [_band(row) for row in result["bands"]],
        )
    if result["deciles"]:
        table(
            "By tenth of the ranking, the riskiest first",
            _COLUMNS,
            [_band(row) for row in sorted(result["deciles"], key=lambda row: (row["subject"], int(row["band"][7:])))],
        )
    if result["segments"]:
        columns: list[tuple[str, Any]] = [("segment", "left"), ("subject", "left"), *_AUC_COLUMNS]
        table("By segment", columns, [[row["segment"], row["subject"], *_auc(row)] for row in result["segments"]])
    if result["parts"]:
        table(
            "Groups and components by themselves",
            [("subject", "left"), *_AUC_COLUMNS],
            [[row["subject"], *_auc(row)] for row in result["parts"]],
        )
    told = [row for row in result["parts_by_segment"] if row["information_value"] is not None]
    segments = sorted({row["segment"] for row in told})
    if told:
        found = {(row["subject"], row["segment"]): row["information_value"] for row in told}
        table(
            "Information value by segment; by cohort it is in fct_health_validation",
            [("subject", "left"), *[(segment, "right") for segment in segments]],
            [
                [subject, *[_figure(found.get((subject, segment))) for segment in segments]]
                for subject in sorted({row["subject"] for row in told})
            ],
        )
    for line in (*result["sentences"], gate_sentence(result)):
        tell(line, style="bold")


def check_plot(path: Path) -> None:
    """Raises InputError when nothing can be drawn into a file of that name, or what draws is not installed."""
    if path.suffix not in PLOTS:
        raise InputError(f"no plot can be drawn into {path}", f"name a file that ends in {', '.join(PLOTS)}")
    if any(importlib.util.find_spec(name) is None for name in ("altair", "vl_convert")):
        raise InputError("the plot needs altair and vl-convert-python", "install the extra: make setup-bench")


def save_plot(chart: Any, path: Path) -> None:
    """Draws a chart of altair into a file; a page carries all it needs. Raises InputError where nobody may write."""
    options = {"inline": True} if path.suffix == ".html" else {}
    with writing(path, "name another file with --plot"):
        path.parent.mkdir(parents=True, exist_ok=True)
        chart.configure(font="sans-serif").configure_view(stroke=None).save(str(path), **options)


def draw(result: Mapping[str, Any], path: Path) -> None:
    """The churn rate by tenth with its interval, what the risk said against it, and the AUC of every part with its own.

    Needs the extra `bench`.
    """
    import altair as alt

    rate = ("churn_rate", "churn_rate_lower", "churn_rate_upper")
    deciles = [
        {"tenth": int(row["band"][7:]), "subject": row["subject"], **{name: float(row[name]) for name in rate}}
        for row in result["deciles"]
    ]
    aucs = [
        {"subject": row["subject"], **{name: float(row[name]) for name in ("auc", "auc_lower", "auc_upper")}}
        for row in (*result["subjects"], *result["parts"])
        if row["auc"] is not None
    ]
    left = alt.Chart(alt.Data(values=deciles), title="Churn by tenth of the ranking", width=320, height=260)
    x = alt.X("tenth:O", title="tenth, the riskiest first", axis=alt.Axis(labelAngle=0))
    right = alt.Chart(alt.Data(values=aucs), title="AUC and its interval; 0.5 says nothing", width=320, height=260)
    y = alt.Y("subject:N", title=None, sort="-x")
    said = [
        {"said": float(row["churn_rate_said"]), **{name: float(row[name]) for name in rate}}
        for row in result["deciles"]
        if row["churn_rate_said"] is not None
    ]
    middle = alt.Chart(alt.Data(values=said), title="Churn risk: said, and what followed", width=260, height=260)
    most = max([one[name] for one in said for name in ("said", "churn_rate_upper")], default=1.0)
    x_said = alt.X("said:Q", title="said", scale=alt.Scale(domain=[0, most]))
    y_came = alt.Y("churn_rate:Q", title="followed", scale=alt.Scale(domain=[0, most]))
    honest = alt.Chart(alt.Data(values=[{"at": 0.0}, {"at": most}])).mark_line(strokeDash=[4, 4], color="grey")
    reliability = [
        middle.mark_point(filled=True).encode(x=x_said, y=y_came)
        + middle.mark_rule().encode(x=x_said, y="churn_rate_lower:Q", y2="churn_rate_upper:Q")
        + honest.encode(x="at:Q", y="at:Q")
    ]
    chart = alt.hconcat(
        left.mark_point(filled=True).encode(x=x, y=alt.Y("churn_rate:Q", title="churn rate"), color="subject:N")
        + left.mark_rule().encode(x=x, y="churn_rate_lower:Q", y2="churn_rate_upper:Q", color="subject:N"),
        *(reliability if said else []),
        right.mark_point(filled=True).encode(x=alt.X("auc:Q", title="AUC", scale=alt.Scale(zero=False)), y=y)
        + right.mark_rule().encode(x="auc_lower:Q", x2="auc_upper:Q", y=y)
        + right.mark_rule(strokeDash=[4, 4]).encode(x=alt.datum(0.5)),
    )
    save_plot(chart, path)


_COLUMNS = [
    ("subject", "left"), ("band", "left"), ("accounts", "right"), ("churned", "right"), ("rate", "right"),
    ("interval", "right"), ("lift", "right"), ("recall", "right"),
]  # fmt: skip
_AUC_COLUMNS: list[tuple[str, Any]] = [
    ("churned", "right"), ("AUC", "right"), ("interval", "right"), ("information", "right"), ("by chance", "right"),
    ("verdict", "left"),
]  # fmt: skip


def _band(row: Row) -> Sequence[str]:
    interval = f"{_rate(row['churn_rate_lower'])} to {_rate(row['churn_rate_upper'])}"
    return [
        row["subject"], row["band"], f"{row['accounts']:,}", f"{row['churned']:,}", _rate(row["churn_rate"]), interval,
        _figure(row["lift"]), _rate(row["recall"]),
    ]  # fmt: skip


def _auc(row: Row) -> list[str]:
    bounds = "" if row["auc"] is None else f"{_figure(row['auc_lower'])} to {_figure(row['auc_upper'])}"
    return [
        f"{row['churned_measured']:,}", _figure(row["auc"]), bounds, _figure(row["information_value"]),
        _figure(row["information_value_by_chance"]), row["verdict"],
    ]  # fmt: skip


def _rate(value: Any) -> str:
    return "" if value is None else f"{100 * float(value):.1f} %"


def _figure(value: Any) -> str:
    return "" if value is None else f"{float(value):.2f}"


def _strongest(row: Row) -> tuple[bool, float, str]:
    return row["auc"] is None, -float(row["auc"] or 0), row["subject"]
