"""Builds a company with dbt in one place, the same for all, and measures the process.

The place, and the raw folder as dbt knows it, never change: another path would be another profile and other vars, and
dbt would parse the whole project anew with every size. So the raw folder is a link that is turned.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from strata.bench.measure import Cost, Ran, run_measured
from strata.bench.nodes import NodeTable, read_nodes
from strata.console import NodeProgress
from strata.dbt_runner import day_of, dbt_arguments
from strata.engines import read_target
from strata.errors import BuildError, InputError
from strata.project import Project
from strata.sql import literal

# Each would lead dbt to another project's files than the benchmark's own.
_ELSEWHERE = ("DBT_TARGET_PATH", "DBT_LOG_PATH", "STRATA_BUILD_DB")
_IMPORT = "import dbt.cli.main, dbt.adapters.duckdb"
BUILD = ("build", "--exclude-resource-type", "unit_test")
"""What a scheduled run does."""


@dataclass(frozen=True)
class Built:
    """A finished build: what its process took and its nodes."""

    cost: Cost
    table: NodeTable


@dataclass(frozen=True)
class Place:
    """Where the benchmark builds. folder: absolute; project: as it is now, building there; environment: of children."""

    folder: Path
    project: Project
    environment: Mapping[str, str]

    @property
    def raw(self) -> Path:
        """The link to the raw folder of the moment."""
        return self.folder / "raw"

    @property
    def floor_db(self) -> Path:
        """The file of the floor."""
        return self.folder / "floor.duckdb"

    def turned(self, raw: Path, as_of: date, history_start: date) -> Place:
        """The place with another raw folder and another day. The build file stays as it is."""
        unfinished = self.folder / ".raw"
        unfinished.unlink(missing_ok=True)
        unfinished.symlink_to(raw, target_is_directory=True)
        os.replace(unfinished, self.raw)
        changed: dict[str, Any] = {
            "raw_dir": str(self.raw),
            "as_of_date": as_of.isoformat(),
            "history_start_date": history_start.isoformat(),
        }
        project = replace(
            self.project,
            as_of=as_of,
            raw_dir=self.raw,
            variables=MappingProxyType({**self.project.variables, **changed}),
            overrides=MappingProxyType({**self.project.overrides, **changed}),
        )
        return replace(self, project=project)

    def cleared(self) -> None:
        """Removes the build and the floor; what dbt has parsed stays."""
        for database in (self.project.build_db, self.floor_db, self.project.published_db):
            for path in (database, database.with_name(database.name + ".wal")):
                path.unlink(missing_ok=True)


@contextmanager
def open_place(project: Project, folder: Path, settings: Mapping[str, str]) -> Iterator[Place]:
    """The place of the benchmark. settings: variables that profiles.yml reads, put over those of the process.

    Raises InputError when the target is not DuckDB, which the floor is written for.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept = {name: os.environ.pop(name) for name in _ELSEWHERE if name in os.environ}
    try:
        own = {"STRATA_BUILD_DB": str(folder / "build.duckdb"), "DO_NOT_TRACK": "1", "PYTHONUNBUFFERED": "1"}
        place = Place(folder, replace(project, warehouse=folder), {**os.environ, **settings, **own})
        if (kind := read_target(place.project, place.environment).kind) != "duckdb":
            raise InputError(f"the benchmark sets DuckDB against a floor; this target is {kind}", "use --target dev")
        yield place
    finally:
        os.environ.update(kept)


def connection_settings(place: Place) -> tuple[dict[str, str], dict[str, str]]:
    """What profiles.yml gives every connection of the build: at its opening, and right after."""
    settings = read_target(place.project, place.environment).settings
    opening = {str(name): str(value) for name, value in (settings.get("config_options") or {}).items()}
    after = {str(name): str(value) for name, value in (settings.get("settings") or {}).items()}
    return opening, after


def build(place: Place, full_refresh: bool) -> Built:
    """One dbt build. Raises BuildError, with dbt's last words, when a node failed or dbt could not run."""
    flags = ["--full-refresh"] if full_refresh else []
    results = place.project.target_path / "run_results.json"
    results.unlink(missing_ok=True)
    ran = _dbt(place, [*BUILD, *flags])
    if ran.code != 0 or not results.is_file():
        raise BuildError(_failure(results, ran), f"the whole log is in {place.project.shown(place.folder / 'logs')}")
    return Built(ran.cost, read_nodes(json.loads(results.read_text(encoding="utf-8"))))


def parse(place: Place, cold: bool) -> Cost:
    """One dbt parse; cold: as in a fresh clone. Raises BuildError when dbt cannot."""
    if cold:
        (place.project.target_path / "partial_parse.msgpack").unlink(missing_ok=True)
    ran = _dbt(place, ["parse"])
    if ran.code != 0:
        raise BuildError(f"dbt could not parse the project: {ran.words[-600:]}")
    return ran.cost


def start(place: Place) -> Cost:
    """What it takes to load dbt's code."""
    return run_measured([sys.executable, "-c", _IMPORT], place.project.root, place.environment).cost


def strata(place: Place, *command: str) -> Cost:
    """Another command of this package. Raises BuildError when it does not end well."""
    ran = run_measured(
        [sys.executable, "-m", "strata", *command, "--project-dir", str(place.project.root)],
        place.project.root,
        place.environment,
    )
    if ran.code != 0:
        raise BuildError(f"strata {' '.join(command[:2])} ended with {ran.code}: {ran.words[-600:]}")
    return ran.cost


def rows_of(file: Path, tables: Sequence[tuple[str, str]]) -> int:
    """Rows of all these tables (schema, identifier) of a build file."""
    import duckdb

    with duckdb.connect(str(file), read_only=True) as connection:
        total = 0
        for schema, identifier in tables:
            row = connection.execute(
                "select estimated_size from duckdb_tables()"
                f" where schema_name = {literal(schema)} and table_name = {literal(identifier)}"
            ).fetchone()
            total += 0 if row is None else int(row[0])
    return total


def _dbt(place: Place, command: Sequence[str]) -> Ran:
    arguments = dbt_arguments(place.project, command)
    with NodeProgress(f"dbt {command[0]}") as progress:
        counted = _Counted(progress)
        return run_measured(
            [sys.executable, "-m", "strata.dbt_worker", *arguments],
            place.project.root,
            {**place.environment, **day_of(place.project)},
            counted.hear,
        )


class _Counted:
    """Hears what the worker tells line by line and shows how far it is."""

    def __init__(self, progress: NodeProgress) -> None:
        self._progress, self._done, self._total = progress, 0, 0

    def hear(self, line: str) -> None:
        """One line of the worker's stdout; dbt's own chatter is passed over."""
        try:
            event = json.loads(line)
        except ValueError:
            return
        if not isinstance(event, dict):
            return
        if event.get("kind") == "total":
            self._done, self._total = 0, int(event["total"])
        elif event.get("kind") == "done":
            self._done += 1
            self._progress.advance(self._done, self._total, str(event["name"]))


def _failure(results: Path, ran: Ran) -> str:
    if not results.is_file():
        return f"dbt could not run: {ran.words[-600:] or f'exit code {ran.code}'}"
    found = json.loads(results.read_text(encoding="utf-8"))["results"]
    failed = [item for item in found if item["status"] in ("error", "fail", "runtime error")]
    first = " ".join(str(failed[0].get("message") or "").split())[:400] if failed else ran.words[-400:]
    names = ", ".join(str(item["unique_id"]) for item in failed[:3])
    return f"{len(failed)} of {len(found)} dbt nodes failed ({names}): {first}"
