"""Draws what a churn risk said against what followed: honest chances lie on the diagonal."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from strata.errors import InputError
from strata.validate import check_plot, save_plot


def draw(figures: Mapping[str, Any], path: Path) -> None:
    """The fifths of `strata calibrate`, out of time, with their intervals (Wilson). Needs the extra `bench`.

    figures: out_of_time of a calibration. Raises InputError as check_plot does, or when it abstains.
    """
    check_plot(path)
    if "calibration" not in figures:
        raise InputError("too few churned out of time: there is nothing to draw", "wait for more")
    import altair as alt

    points = [
        {"said": one["said"], "followed": one["followed"], "lower": lower, "upper": upper}
        for one in figures["calibration"]
        for lower, upper in [_wilson(one["followed"], one["cases"])]
    ]
    most = max(one[name] for one in points for name in ("said", "upper"))
    scale = alt.Scale(domain=[0, most])
    base = alt.Chart(alt.Data(values=points), title="Churn risk out of time: said, and what followed")
    x = alt.X("said:Q", title="said", scale=scale, axis=alt.Axis(format="%"))
    y = alt.Y("followed:Q", title="followed", scale=scale, axis=alt.Axis(format="%"))
    honest = alt.Chart(alt.Data(values=[{"at": 0.0}, {"at": most}])).mark_line(strokeDash=[4, 4], color="grey")
    chart = (
        base.mark_point(filled=True, size=60).encode(x=x, y=y)
        + base.mark_rule().encode(x=x, y="lower:Q", y2="upper:Q")
        + honest.encode(x="at:Q", y="at:Q")
    ).properties(width=320, height=320)
    save_plot(chart, path)


def _wilson(share: float, cases: int, z: float = 1.96) -> tuple[float, float]:
    """The interval of a share, 95 of 100 (Wilson 1927)."""
    middle, spread = share + z * z / (2 * cases), z * ((share * (1 - share) + z * z / (4 * cases)) / cases) ** 0.5
    return (middle - spread) / (1 + z * z / cases), (middle + spread) / (1 + z * z / cases)
