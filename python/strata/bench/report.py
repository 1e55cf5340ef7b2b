"""The benchmark told: as ratios, as JSON, as tables for people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from rich.table import Table

from strata.bench.figures import Bench, BuildFigures, Ratio
from strata.errors import InputError

FORMAT = 1
Rows = Sequence[Sequence[str]]


def ratios(bench: Bench) -> tuple[Ratio, ...]:
    """Every figure of the run as a ratio, with the limit that the project has set itself, where it has one."""
    return tuple(_ratios(bench))


def _ratios(bench: Bench) -> Iterable[Ratio]:
    base = bench.base
    build = base.build
    yield Ratio("build ÷ floor", base.build_to_floor, 2.0, "dbt build, tests and start included, wall clock")
    yield Ratio("build ÷ floor, work", base.work_to_floor, None, "the same in seconds of the processors")
    yield Ratio(
        "build ÷ floor without dbt's start", build.elapsed / base.floor.cost.seconds, None, "from its first node on"
    )
    own = build.cost.seconds - build.elapsed
    yield Ratio("dbt's start and parse ÷ build", own / build.cost.seconds, None, "parsed files kept warm")
    yield Ratio("slowest node ÷ build", build.slowest[0].share, 0.1, build.slowest[0].name)
    yield Ratio("gate ÷ build", bench.steps.gate.seconds / build.cost.seconds, 0.1, "strata check raw")
    yield Ratio("audit and publish ÷ build", bench.steps.publish.seconds / build.cost.seconds, None, "strata publish")
    if base.generated is not None:
        made = base.generated.seconds / build.cost.seconds
        yield Ratio("generator ÷ build", made, None, "strata generate")
    first, last = bench.sizes[0], bench.sizes[-1]
    yield Ratio(
        "peak memory ÷ limit", last.build.cost.peak_mb / bench.memory_limit_mb, 1.0, f"{last.accounts:,} accounts"
    )
    if last is not first:
        factor = last.accounts / first.accounts
        what = f"{first.accounts:,} to {last.accounts:,} accounts ({factor:.3g} ×), without dbt's start"
        yield Ratio("growth of time", last.build.elapsed / first.build.elapsed, 1.1 * factor, what)
        memory = last.build.cost.peak_mb / first.build.cost.peak_mb
        yield Ratio("growth of memory", memory, None, f"{first.accounts:,} to {last.accounts:,} accounts")
    for item in bench.increments:
        is_last = item is bench.increments[-1]
        what = f"{item.accounts:,} accounts, without dbt's start"
        yield Ratio(f"a day ÷ {item.months} months", item.day_to_full, 0.05 if is_last else None, what)
    if len(bench.increments) > 1:
        short, long = bench.increments[0], bench.increments[-1]
        name = f"a day at {long.months} ÷ {short.months} months"
        yield Ratio(name, long.day.elapsed / short.day.elapsed, 1.2, "flat in history")
    for peer in bench.peers:
        if peer.peer_to_ours is not None:
            what = f"usage features of {peer.accounts:,} accounts, {peer.equal_share or 0:.2%} of them equal"
            yield Ratio(f"{peer.peer} ÷ ours", peer.peer_to_ours, None, what)


def as_json(bench: Bench) -> dict[str, Any]:
    """The whole run as one document; read_bench reads it back."""
    return {
        "format": FORMAT,
        "ratios": [{**asdict(item), "met": item.met} for item in ratios(bench)],
        "measured": asdict(bench),
    }


def write_bench(bench: Bench, path: Path) -> None:
    """Leaves the run in a file."""
    path.write_text(json.dumps(as_json(bench), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_bench(path: Path) -> Bench:
    """A run from its file. Raises InputError when it is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return TypeAdapter(Bench).validate_python(content["measured"])
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no result of this version"
        raise InputError(f"{path} cannot be read: {reason}", "run `strata bench` first") from error


# --- the same for people: headings and rows, for the terminal and for the docs --------------------------------------


def ratio_rows(bench: Bench) -> tuple[Sequence[str], Rows]:
    """One line a figure."""
    rows = [
        (
            item.name,
            f"{item.value:.3f}" if item.value < 0.1 else f"{item.value:.2f}",
            "" if item.limit is None else f"≤ {item.limit:.3g}",
            {None: "", True: "yes", False: "no"}[item.met],
            item.meaning,
        )
        for item in ratios(bench)
    ]
    return ("figure", "ratio", "limit", "met", "of what"), rows


def size_rows(bench: Bench) -> tuple[Sequence[str], Rows]:
    """One line a company."""
    rows = [
        (
            f"{size.accounts:,}",
            f"{size.events:,}",
            f"{size.public_rows:,}",
            f"{size.build.cost.seconds:.1f}",
            f"{size.build.elapsed:.1f}",
            f"{size.build.cost.peak_mb:,.0f}",
            f"{size.floor.cost.seconds:.1f}",
            f"{size.floor.cost.peak_mb:,.0f}",
            f"{size.build_to_floor:.2f}",
        )
        for size in bench.sizes
    ]
    return (
        ("accounts", "events", "public rows", "build s", "without start s", "build MB", "floor s", "floor MB",
         "build ÷ floor"),
        rows,
    )  # fmt: skip


def floor_rows(bench: Bench) -> tuple[Sequence[str], Rows]:
    """What the floor does, at factor 1."""
    return ("part of the floor", "s"), [(name, f"{took:.2f}") for name, took in bench.base.floor.phases.items()]


def dbt_rows(bench: Bench) -> tuple[Sequence[str], Rows]:
    """dbt's own time at factor 1."""
    own, build = bench.dbt, bench.base.build
    return ("dbt's own time", "s"), [
        ("loading its code", f"{own.start.seconds:.1f}"),
        ("start and parse, nothing kept", f"{own.parse_cold.seconds:.1f}"),
        ("start and parse, nothing changed", f"{own.parse_warm.seconds:.1f}"),
        ("start and parse, the next day", f"{own.parse_next_day.seconds:.1f}"),
        ("a build before its first node and after its last", f"{build.cost.seconds - build.elapsed:.1f}"),
        (f"from first to last of {build.nodes} nodes", f"{build.elapsed:.1f}"),
        *((f"sum of {kind.nodes} {kind.kind.replace('_', ' ')}s", f"{kind.seconds:.1f}") for kind in build.kinds),
    ]


def node_rows(build: BuildFigures) -> tuple[Sequence[str], Rows]:
    """The slowest five, and whatever else takes more than a tenth."""
    nodes = [*build.slowest, *(node for node in build.large if node not in build.slowest)]
    return ("node", "kind", "s", "share of the build"), [
        (node.name, node.kind.replace("_", " "), f"{node.seconds:.2f}", f"{node.share:.1%}") for node in nodes
    ]


def increment_rows(bench: Bench) -> tuple[Sequence[str], Rows]:
    """One line a length of history."""
    rows = [
        (
            f"{item.months}",
            f"{item.accounts:,}",
            f"{item.events:,}",
            f"{item.event_rows:,}",
            f"{item.full.elapsed:.1f}",
            f"{item.day.elapsed:.1f}",
            f"{item.day.cost.seconds:.1f}",
            f"{item.day.cost.peak_mb:,.0f}",
            f"{item.day_to_full:.1%}",
        )
        for item in bench.increments
    ]
    return (
        ("months", "accounts", "events", "events of the day", "full s", "day s", "day with start s", "day MB",
         "day ÷ full"),
        rows,
    )  # fmt: skip


def peer_rows(bench: Bench) -> tuple[Sequence[str], Rows]:
    """One line a peer and size."""
    rows = []
    for item in bench.peers:
        if item.skipped is not None:
            told = item.skipped
        elif item.stopped is not None:
            told = f"stopped at its limit of {item.stopped}"
        else:
            told = f"{item.equal_share or 0:.2%} of the snapshots equal"
        rows.append(
            (
                item.peer,
                f"{item.accounts:,}",
                f"{item.events:,}",
                _number(item.seconds, ".1f"),
                _number(item.ours, ".1f"),
                _number(item.peer_to_ours, ".1f"),
                _number(item.peak_mb, ",.0f"),
                told,
            )
        )
    return ("peer", "accounts", "events", "peer s", "ours s", "peer ÷ ours", "peer MB", "result"), rows


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def sections(bench: Bench) -> Mapping[str, tuple[Sequence[str], Rows]]:
    """Every table of the run that has rows, by its name in the docs."""
    found = {
        "figures": ratio_rows(bench),
        "growth": size_rows(bench),
        "floor": floor_rows(bench),
        "dbt": dbt_rows(bench),
        "nodes": node_rows(bench.base.build),
        "increments": increment_rows(bench),
        "peers": peer_rows(bench),
    }
    if bench.increments:
        found["day"] = node_rows(bench.increments[-1].day)
    return {name: section for name, section in found.items() if section[1]}


def is_numeric(rows: Rows, number: int) -> bool:
    """Does a column hold figures, to be set right? The first one never does: it says what the row is about."""
    cells = [row[number].lstrip("≤ ") for row in rows if row[number]]
    return (
        number > 0
        and bool(cells)
        and all(cell.replace(",", "").rstrip("%").replace(".", "").isdigit() for cell in cells)
    )


def as_tables(bench: Bench) -> list[Table]:
    """The same tables for a terminal."""
    tables = []
    for headings, rows in sections(bench).values():
        table = Table(box=None, pad_edge=False, header_style="bold")
        for number, heading in enumerate(headings):
            table.add_column(heading, justify="right" if is_numeric(rows, number) else "left", overflow="fold")
        for row in rows:
            table.add_row(*row, style="red" if "no" in row[3:4] and headings[3:4] == ("met",) else "")
        tables.append(table)
    return tables
