"""The command `strata generate`."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from strata.generate.config import GenerateConfig, GenerateError


def generate_command(
    accounts: Annotated[int, typer.Option(help="Companies in the CRM, prospects included.")] = 1_000,
    months: Annotated[int, typer.Option(help="Observed calendar months; the last one holds --as-of.")] = 24,
    seed: Annotated[int, typer.Option(help="The same seed gives the same files, byte by byte.")] = 7,
    as_of: Annotated[
        dt.datetime,
        typer.Option(formats=["%Y-%m-%d"], help="Last observed day, YYYY-MM-DD.", show_default="2026-06-30"),
    ] = dt.datetime(2026, 6, 30),
    out: Annotated[Path, typer.Option(help="Folder for <system>/<table>/part-*.parquet.")] = Path("raw"),
    events_per_account: Annotated[float, typer.Option(help="Mean product events per account and 24 months.")] = 1_000.0,
    events_per_visit: Annotated[float, typer.Option(help="Mean product events of a user who is there.")] = 1.0,
    usage_signal: Annotated[
        bool, typer.Option("--usage-signal/--no-usage-signal", help="Does use say anything about who will leave?")
    ] = True,
    chunk_accounts: Annotated[int, typer.Option(help="Accounts whose events go into one file.")] = 1_000,
    force: Annotated[bool, typer.Option("--force", help="Replace a folder this command did not write.")] = False,
) -> None:
    """Make the raw tables of an invented software company, with the planted truth beside them.

    The last line on stdout is a JSON report: rows per table.
    """
    try:
        config = GenerateConfig(
            accounts=accounts,
            months=months,
            seed=seed,
            as_of=as_of.date(),
            out=out,
            events_per_account=events_per_account,
            events_per_visit=events_per_visit,
            usage_signal=usage_signal,
            chunk_accounts=chunk_accounts,
            force=force,
        )
    except ValidationError as error:
        first = error.errors()[0]
        option = "--" + str(first["loc"][0]).replace("_", "-")
        raise GenerateError(
            f"{option}: {first['msg']}", "See strata generate --help for what each option may be."
        ) from None
    # Imported late: numpy and pyarrow take longer than the help text.
    from strata.generate.pipeline import generate

    with _bar() as bar:
        task = bar.add_task("generating", total=None)
        report = generate(
            config, lambda stage, done, total: bar.update(task, description=stage, completed=done, total=total)
        )
    sys.stdout.write(json.dumps(report.as_json(), sort_keys=True) + "\n")


def _bar() -> Progress:
    """A progress bar on stderr; it vanishes when done and stays away when stderr is no terminal."""
    console = Console(file=sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
