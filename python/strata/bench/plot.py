"""The benchmark drawn: growth, memory, daily runs, peers. Needs the extra `bench`."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from strata.bench.figures import Bench
from strata.errors import InputError

BUILD, FLOOR, LIMIT = "#1f4e79", "#c17817", "#8a8a8a"
_WIDTH, _HEIGHT = 320, 220


def can_draw() -> bool:
    """Are the packages there?"""
    return all(importlib.util.find_spec(name) is not None for name in ("altair", "vl_convert"))


def draw(bench: Bench, path: Path) -> None:
    """Writes the plot; the ending of the path says what: .svg, .png or .html (one file that needs no network).

    Raises InputError when the packages are not there.
    """
    if not can_draw():
        raise InputError("the plot needs altair and vl-convert-python", "install the extra `bench`: make setup-bench")
    chart = _chart(bench)
    if path.suffix == ".html":
        chart.save(str(path), inline=True)
    else:
        chart.save(str(path), scale_factor=2 if path.suffix == ".png" else 1)


def _chart(bench: Bench) -> Any:
    import altair as alt

    rows = [_row(alt, [_times(alt, bench), _memory(alt, bench)])]
    below = [*([_days(alt, bench)] if bench.increments else []), *_peers(alt, bench)]
    if below:
        rows.append(_row(alt, below))
    return alt.vconcat(*rows).configure(font="sans-serif").configure_view(stroke=None)


def _row(alt: Any, charts: Sequence[Any]) -> Any:
    return alt.hconcat(*charts, spacing=40).resolve_scale(color="independent")


def _lines(alt: Any, rows: Sequence[Mapping[str, Any]], value: str, title: str, colours: Mapping[str, str]) -> Any:
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    return (
        alt.Chart(alt.Data(values=list(rows)), title=title, width=_WIDTH, height=_HEIGHT)
        .mark_line(point=True)
        .encode(
            x=alt.X("accounts:Q", title="accounts", axis=alt.Axis(tickCount=5)),
            y=alt.Y(f"{value}:Q", title=value),
            color=alt.Color("what:N", title=None, scale=scale, legend=alt.Legend(orient="top")),
        )
    )


def _times(alt: Any, bench: Bench) -> Any:
    rows = []
    for size in bench.sizes:
        rows.append({"accounts": size.accounts, "what": "build", "seconds": size.build.cost.seconds})
        rows.append({"accounts": size.accounts, "what": "floor", "seconds": size.floor.cost.seconds})
        rows.append({"accounts": size.accounts, "what": "2 × floor", "seconds": 2 * size.floor.cost.seconds})
    return _lines(alt, rows, "seconds", "Full build against the floor", {
        "build": BUILD, "floor": FLOOR, "2 × floor": LIMIT,
    })  # fmt: skip


def _memory(alt: Any, bench: Bench) -> Any:
    rows = []
    for size in bench.sizes:
        rows.append({"accounts": size.accounts, "what": "build", "GB": size.build.cost.peak_mb / 1024})
        rows.append({"accounts": size.accounts, "what": "floor", "GB": size.floor.cost.peak_mb / 1024})
    return _lines(alt, rows, "GB", "Peak memory", {"build": BUILD, "floor": FLOOR})


def _days(alt: Any, bench: Bench) -> Any:
    rows = []
    for item in bench.increments:
        rows.append({"months": item.months, "what": "full build", "seconds": item.full.elapsed})
        rows.append({"months": item.months, "what": "a day more", "seconds": item.day.elapsed})
    scale = alt.Scale(domain=["full build", "a day more"], range=[BUILD, FLOOR])
    return (
        alt.Chart(alt.Data(values=rows), title="A daily run by months of history", width=_WIDTH, height=_HEIGHT)
        .mark_bar()
        .encode(
            x=alt.X("months:O", title="months of history", axis=alt.Axis(labelAngle=0)),
            xOffset=alt.XOffset("what:N", sort=["full build", "a day more"]),
            y=alt.Y("seconds:Q", title="seconds, without dbt's start"),
            color=alt.Color("what:N", title=None, scale=scale, legend=alt.Legend(orient="top")),
        )
    )


def _peers(alt: Any, bench: Bench) -> list[Any]:
    rows: list[dict[str, Any]] = []
    ours: dict[int, float] = {}
    for item in bench.peers:
        if item.ours:
            ours[item.accounts] = item.ours
        if item.seconds is not None:
            rows.append({"accounts": item.accounts, "what": item.peer, "seconds": item.seconds})
    if not rows:
        return []
    rows += [{"accounts": accounts, "what": "ours", "seconds": took} for accounts, took in ours.items()]
    colours = {"ours": BUILD, "polars": FLOOR, "postgres": LIMIT}
    return [_lines(alt, rows, "seconds", "The same usage features elsewhere", colours)]
