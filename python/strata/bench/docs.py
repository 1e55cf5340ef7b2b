"""Writes a run into docs/performance.md, between its markers; what people wrote around them stays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from strata.bench.figures import Bench
from strata.bench.plot import draw
from strata.bench.report import Rows, is_numeric, sections
from strata.errors import InputError

PAGE = Path("docs") / "performance.md"
PLOT = Path("docs") / "performance.svg"
_SECTION = re.compile(r"(<!-- bench: (?P<name>[a-z]+) -->\n).*?(<!-- bench end -->)", re.DOTALL)
_NOTHING = "*Not measured in this run.*"


def write_docs(bench: Bench, root: Path) -> list[Path]:
    """Replaces the generated sections of the page and the plot beside it; returns what it wrote.

    Raises InputError when the page is missing or names a section that there is not.
    """
    page = root / PAGE
    if not page.is_file():
        raise InputError(f"{PAGE} is missing", "take it from the project's history")
    parts = {name: _markdown(headings, rows) for name, (headings, rows) in sections(bench).items()}
    parts["machine"] = _machine(bench)
    parts["plot"] = f"![Full build against the floor, peak memory, daily runs, other tools]({PLOT.name})"
    known = {*parts, "floor", "day", "increments", "peers"}

    def filled(match: re.Match[str]) -> str:
        name = match["name"]
        if name not in known:
            raise InputError(f"{PAGE} has a section `{name}` that the benchmark does not write", "take it out")
        return f"{match[1]}\n{parts.get(name, _NOTHING)}\n\n{match[3]}"

    text = _SECTION.sub(filled, page.read_text(encoding="utf-8"))
    draw(bench, root / PLOT)
    page.write_text(text, encoding="utf-8")
    return [page, root / PLOT]


def _markdown(headings: Sequence[str], rows: Rows) -> str:
    sides = ["---:" if is_numeric(rows, number) else "---" for number in range(len(headings))]
    lines = [headings, sides, *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _machine(bench: Bench) -> str:
    base, machine = bench.base, bench.machine
    pairs = "once" if base.pairs == 1 else f"{base.pairs} times in turn, medians"
    return (
        f"Measured {bench.measured_on} on {machine.cores} cores and {machine.memory_gb:g} GB ({machine.system}), Python"
        f" {machine.python}, dbt {machine.dbt}, DuckDB {machine.duckdb} of a process limited to"
        f" {bench.memory_limit_mb / 1024:.1f} GB. Factor 1 is a company of {base.accounts:,} accounts,"
        f" {base.events:,} product events, {base.raw_rows:,} raw rows in all and {base.months} months; build and floor"
        f" ran {pairs}."
    )
