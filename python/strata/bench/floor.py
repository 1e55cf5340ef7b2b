"""The floor: a DuckDB script that does the least a build could do, run in a process of its own.

`python -m strata.bench.floor SCRIPT DATABASE CONFIG` runs a script that write_script has put together and prints what
each of its phases took, as JSON.

The public tables are written by copying the finished ones. So the floor writes exactly their rows, columns, types and
values, in their order, and keeps pace when they grow; that it reads them costs little, and their making costs nothing,
which is what a floor is for.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from strata.sql import literal, quoted

SCRIPT = Path(__file__).with_name("floor.sql")
PHASE = "-- phase: "
ROLLED_UP = frozenset({("segment", "tracks"), ("segment", "groups")})
"""What floor.sql reads by itself."""


@dataclass(frozen=True)
class FloorInput:
    """What the script reads. raw_dir: the raw folder, as the build saw it; tables: system, name and reading expression
    of every raw table; features: the seed of the features; finished: the build file; public: published name, schema and
    identifier of its public tables.
    """

    raw_dir: Path
    tables: Sequence[tuple[str, str, str]]
    features: Path
    finished: Path
    public: Sequence[tuple[str, str, str]]


def write_script(given: FloorInput, settings: Mapping[str, str], into: Path) -> None:
    """Puts the whole script together, for the process to run and for a person to read.

    settings: those of the build's connection; the storage version is set when the file is made, not here.
    """
    reads = [
        # Every value is looked at; a count would be answered from the end of the file.
        f"select bit_xor(hash(columns(*))) from {location};"
        for system, name, location in given.tables
        if (system, name) not in ROLLED_UP
    ]
    writes = [
        f"create table {quoted(f'public_{name}')} as select * from finished.{quoted(schema)}.{quoted(identifier)};"
        for name, schema, identifier in given.public
    ]
    parts = [
        f"{PHASE}open",
        *(f"set {name} = {literal(value)};" for name, value in settings.items()),
        f"set variable raw = {literal(str(given.raw_dir))};",
        f"set variable features = {literal(str(given.features))};",
        f"attach {literal(str(given.finished))} as finished (read_only);",
        SCRIPT.read_text(encoding="utf-8"),
        f"{PHASE}read the other raw tables",
        *reads,
        f"{PHASE}write the public tables",
        *writes,
        "detach finished;",
        "checkpoint;",
    ]
    into.write_text("\n".join(parts) + "\n", encoding="utf-8")


def run_script(script: Path, database: Path, config: Mapping[str, str]) -> dict[str, float]:
    """Seconds of every phase. config: of the connection, like the storage version."""
    phases: dict[str, float] = {}
    with duckdb.connect(str(database), config=dict(config)) as connection:
        for chunk in script.read_text(encoding="utf-8").split(f"\n{PHASE}"):
            name, _, body = chunk.removeprefix(PHASE).partition("\n")
            started = time.perf_counter()
            connection.execute(body)
            phases[name.strip()] = time.perf_counter() - started
    return phases


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run_script(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3]))) + "\n")
