"""How Strata talks: progress and messages on stderr, results on stdout.

Colour and boxes on a terminal, plain lines elsewhere.
"""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from strata.errors import Finding, StrataError

PLAIN_WIDTH = 120


def _console(stderr: bool) -> Console:
    """A console on the stream of the moment (tests swap it); a fixed width where no terminal tells one."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else PLAIN_WIDTH, highlight=False, markup=False)


def stdout() -> Console:
    """Where results go."""
    return _console(stderr=False)


def stderr() -> Console:
    """Where progress and messages go."""
    return _console(stderr=True)


def say(text: str, style: str | None = None) -> None:
    """One line of talk on stderr, never wrapped, so that a path in it can be copied."""
    stderr().print(Text(text, style=style or ""), soft_wrap=True)


def tell(text: str, style: str | None = None) -> None:
    """One line of a result on stdout, never wrapped."""
    stdout().print(Text(text, style=style or ""), soft_wrap=True)


def print_json(value: Any) -> None:
    """Machine output: one JSON document on stdout and nothing else."""
    sys.stdout.write(json.dumps(value, indent=2, default=_plain) + "\n")


def _plain(value: Any) -> Any:
    """Decimals as numbers; dates, paths and the like as text."""
    return float(value) if isinstance(value, Decimal) else str(value)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Announces a step of a command and, when it has gone well, how many seconds it took."""
    say(f"→ {name}", style="bold")
    started = time.monotonic()
    yield
    say(f"  done in {time.monotonic() - started:.1f} s", style="dim")


class NodeProgress:
    """Progress over many small tasks: a live bar on a terminal, one plain line every quarter elsewhere."""

    def __init__(self, label: str) -> None:
        console = stderr()
        self._label = label
        self._bar: Progress | None = None
        self._told = 0
        if console.is_terminal:
            self._bar = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=console,
                transient=True,
            )
            self._task = self._bar.add_task(label, total=None)

    def __enter__(self) -> "NodeProgress":
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self, done: int, total: int, name: str) -> None:
        """`done` of `total` tasks are finished, the last of them `name`."""
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=total, description=f"{self._label} {name[:48]}")
            return
        quarter = 4 * done // total if total else 4
        if quarter > self._told:
            self._told = quarter
            say(f"  {self._label}: {done} of {total}")


def show_findings(findings: Sequence[Finding]) -> None:
    """Every finding as one line of what and where, and one of the remedy."""
    for finding in findings:
        style = "red" if finding.severity == "error" else "yellow"
        where = finding.where()
        say(f"{finding.severity}: {where + ': ' if where else ''}{finding.message}", style=style)
        if finding.remedy:
            say(f"  remedy: {finding.remedy}")


def show_error(error: StrataError) -> None:
    """An expected failure: its findings, then the one message and the remedy."""
    show_findings(error.findings)
    say(f"error: {error.message}", style="bold red")
    if error.remedy:
        say(f"  remedy: {error.remedy}")


def table(title: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]]) -> None:
    """A small table on stdout. columns: (heading, `left` or `right`). Aligned plain text where there is no terminal."""
    console = stdout()
    box = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=None if not console.is_terminal else _terminal_box(),
        pad_edge=False,
        header_style="bold" if console.is_terminal else "",
    )
    for heading, side in columns:
        box.add_column(heading, justify="right" if side == "right" else "left", overflow="fold")
    for row in rows:
        box.add_row(*(Text(cell) for cell in row))
    console.print(box)
    console.print()


def _terminal_box() -> Any:
    from rich import box

    return box.SIMPLE_HEAD
