"""The companies of the benchmark: generated once each, and laid out as they would have arrived day by day."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from strata.bench.measure import Cost, run_measured
from strata.console import say, step
from strata.errors import BuildError
from strata.gate.sources import RawTable
from strata.sql import literal, quoted

EVENTS = "segment.tracks"
PROBE_ACCOUNTS, PROBE_EVENTS = 400, 200.0
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Company:
    """A generated company. accounts, months, as_of: as asked for; raw: its raw folder; events: rows of product events;
    rows: of all raw tables; cost: what generating took, None when it lay there from before.
    """

    accounts: int
    months: int
    as_of: date
    raw: Path
    events: int
    rows: int
    cost: Cost | None

    @property
    def history_start(self) -> date:
        """First day that is observed: snapshots begin there."""
        return first_month(self.as_of, self.months)


def first_month(as_of: date, months: int) -> date:
    """First day of the first of so many months, the last of which holds as_of."""
    index = as_of.year * 12 + as_of.month - months
    return date(index // 12, index % 12 + 1, 1)


def make_company(folder: Path, accounts: int, events: int, months: int, as_of: date, seed: int) -> Company:
    """Generates a company with about so many events, or takes the one that lies there if it is the same.

    The generator counts events by account and observed month, and adds those from before the history. How many that are
    depends on the months alone, so a small company tells. Raises BuildError when the generator fails.
    """
    probed = folder.with_name(f"probe-{months}")
    _generate(probed, PROBE_ACCOUNTS, PROBE_EVENTS, months, as_of, seed)
    per_asked = _rows(probed)[EVENTS] / (PROBE_ACCOUNTS * PROBE_EVENTS)
    asked = events / accounts / per_asked
    with step(f"generate {accounts:,} accounts with {events:,} events in {months} months"):
        cost = _generate(folder, accounts, min(100_000.0, float(f"{asked:.3g}")), months, as_of, seed)
    rows = _rows(folder)
    made = {name: count for name, count in rows.items() if not name.startswith("_")}
    say(f"  {made[EVENTS]:,} events, {sum(made.values()):,} raw rows")
    return Company(accounts, months, as_of, folder, made[EVENTS], sum(made.values()), cost)


def _generate(folder: Path, accounts: int, rate: float, months: int, as_of: date, seed: int) -> Cost | None:
    content = {
        "accounts": accounts,
        "months": months,
        "seed": seed,
        "as_of": as_of.isoformat(),
        "events_per_account": rate,
    }
    if (folder / MANIFEST).is_file() and _manifest(folder).get("config") == content:
        return None
    options = [f"--{name.replace('_', '-')}={value}" for name, value in content.items()]
    command = [sys.executable, "-m", "strata", "generate", *options, "--out", str(folder)]
    ran = run_measured(command, folder.parent, os.environ)
    if ran.code != 0:
        raise BuildError(f"the generator failed: {ran.words or f'exit code {ran.code}'}")
    return ran.cost


def _manifest(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return manifest


def _rows(folder: Path) -> dict[str, int]:
    return {str(name): int(count) for name, count in _manifest(folder)["rows"].items()}


@dataclass(frozen=True)
class Deliveries:
    """A company as it arrived. before: the raw folder as it was before the last days; days: what came after, a raw
    folder a day that holds everything up to it; rows: event rows that arrived on each of those days.
    """

    before: Path
    days: tuple[Path, ...]
    rows: tuple[int, ...]


def deliver(company: Company, tables: Sequence[RawTable], days: int, into: Path) -> Deliveries:
    """Lays the event tables out as they arrived, a file a month and one for each of the last days.

    Event tables are those whose time of loading is the time of arrival. The others hold rows that the connector changes
    in place; they are the same on every day, and models know by their times what to leave out. Files are linked, not
    copied. tables: the raw tables of the project over company.raw.
    """
    if into.exists():
        shutil.rmtree(into)
    first = company.as_of - timedelta(days=days - 1)
    folders = [into / "before", *(into / f"day-{number}" for number in range(1, days + 1))]
    rows = [0] * days
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for table in tables:
            place = Path(table.system) / table.name
            if table.gate.may_be_absent and not (company.raw / place).exists():
                continue
            if table.gate.loaded_at != "received_at":
                for folder in folders:
                    _link(company.raw / place, folder / place)
                continue
            arrived = f"try_cast({quoted('received_at')} as timestamp)"
            old = folders[0] / place
            _write_months(connection, table, arrived, first, old)
            for number in range(days):
                new = folders[number + 1] / place
                _link(folders[number] / place, new)
                begin, end = first + timedelta(days=number), first + timedelta(days=number + 1)
                until = "true" if number == days - 1 else f"{arrived} < timestamp '{end}'"
                file = new / f"part-{begin}.parquet"
                done = connection.execute(
                    f"copy (select * from {table.location} where {arrived} >= timestamp '{begin}' and {until})"
                    f" to {literal(str(file))} (format parquet, compression zstd)"
                ).fetchone()
                rows[number] += 0 if done is None else int(done[0])
    return Deliveries(folders[0], tuple(folders[1:]), tuple(rows))


def _write_months(
    connection: duckdb.DuckDBPyConnection, table: RawTable, arrived: str, before: date, folder: Path
) -> None:
    parted = folder.with_name(f"{folder.name}-parted")
    parted.mkdir(parents=True)
    connection.execute(
        f"copy (select *, coalesce(strftime({arrived}, '%Y-%m'), 'unknown') as arrived_in from {table.location}"
        f" where {arrived} < timestamp '{before}' or {arrived} is null)"
        f" to {literal(str(parted))} (format parquet, compression zstd, partition_by (arrived_in))"
    )
    folder.mkdir(parents=True)
    for number, file in enumerate(sorted(parted.glob("arrived_in=*/*.parquet"))):
        month = file.parent.name.partition("=")[2]
        file.rename(folder / f"part-{month}-{number:05d}.parquet")
    shutil.rmtree(parted)


def _link(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for file in sorted(source.iterdir()):
        os.link(file, target / file.name)
