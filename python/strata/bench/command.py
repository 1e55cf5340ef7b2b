"""What `strata bench` does with its options: measure or read a run, report it, draw it, write it into the docs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import typer

from strata.bench import docs, plot, report
from strata.bench.config import BenchConfig, make_config, numbers
from strata.bench.run import run_bench
from strata.console import print_json, say, stdout
from strata.project import Project

EVENTS_PER_ACCOUNT = 1_000


@dataclass(frozen=True)
class Output:
    """What becomes of the figures.

    again: a run to report instead of measuring; strict: a missed limit is exit code 1.
    """

    again: Path | None
    html: bool
    write_docs: bool
    strict: bool
    as_json: bool


def options(
    accounts: int, events: int | None, increment_accounts: int | None, growth: str, history: str, peer_accounts: str,
    out: Path, **others: object,
) -> BenchConfig:  # fmt: skip
    """The config that the options of the command mean. Raises InputError when one is out of range."""
    return make_config(
        accounts=accounts,
        events=accounts * EVENTS_PER_ACCOUNT if events is None else events,
        increment_accounts=accounts if increment_accounts is None else increment_accounts,
        growth=tuple(numbers("--growth", growth)),
        history=tuple(numbers("--history", history)),
        peer_accounts=tuple(numbers("--peer-accounts", peer_accounts)),
        out=out.resolve(),
        **others,
    )


def run(project: Project, config: BenchConfig, output: Output, settings: Mapping[str, str]) -> None:
    """Measures or reads, then reports. Raises typer.Exit with 1 when a limit is missed and output.strict is on."""
    if output.again is None:
        bench = run_bench(project, config, settings)
        report.write_bench(bench, config.out / "bench.json")
    else:
        bench = report.read_bench(output.again)
    config.out.mkdir(parents=True, exist_ok=True)
    if plot.can_draw():
        for ending in ("svg", *(["html"] if output.html else [])):
            plot.draw(bench, config.out / f"bench.{ending}")
            say(f"plot: {project.shown(config.out / f'bench.{ending}')}")
    else:
        say("no plot: altair and vl-convert-python are not installed (make setup-bench)", style="yellow")
    if output.write_docs:
        for path in docs.write_docs(bench, project.root):
            say(f"wrote {project.shown(path)}")
    say(f"results: {project.shown(config.out / 'bench.json' if output.again is None else output.again)}")
    if output.as_json:
        print_json(report.as_json(bench))
    else:
        for table in report.as_tables(bench):
            stdout().print(table)
            stdout().print()
    missed = [item for item in report.ratios(bench) if item.met is False]
    for item in missed:
        say(f"{'error' if output.strict else 'warning'}: {item.name} is {item.value:.2f}, over {item.limit:.3g}"
            f" ({item.meaning})", style="red" if output.strict else "yellow")  # fmt: skip
    if missed and output.strict:
        raise typer.Exit(1)
