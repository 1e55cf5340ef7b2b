"""Builds the same raw tables on several engines, state after state, and compares what came out.

Nothing that readers or other builds use is touched: each engine builds in a place of its own under target/parity or in
schemas named strata_parity, and loads into raw schemas named parity_raw_….
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb

from strata.build import score_new_tickets
from strata.console import say, step
from strata.dbt_runner import read_manifest, run_dbt
from strata.engines import Engine, open_engine
from strata.errors import BuildError, InputError
from strata.lock import build_lock
from strata.parity.compare import Copy, TableResult, compare
from strata.parity.late import hold_back
from strata.project import Project
from strata.publish import PublicTable, public_tables

SCHEMA = "strata_parity"
RAW_PREFIX = "parity_raw_"


@dataclass(frozen=True)
class ParityOptions:
    """What to build. days: daily increments after the first, full build; late: then a delivery of rows held back."""

    days: int = 0
    late: bool = False


@dataclass(frozen=True)
class StateResult:
    """One state of the raw tables, built everywhere. name: `full`, `day 1` … or `late`; as_of: the day it is for."""

    name: str
    as_of: date
    tables: tuple[TableResult, ...]

    @property
    def differences(self) -> int:
        """All differences of all tables."""
        return sum(table.differences for table in self.tables)


@dataclass(frozen=True)
class ParityResult:
    """All states, compared with the first target of the list."""

    targets: tuple[str, ...]
    states: tuple[StateResult, ...]

    @property
    def differences(self) -> int:
        """All differences of all states; 0 is one truth."""
        return sum(state.differences for state in self.states)


@dataclass(frozen=True)
class _State:
    name: str
    as_of: date
    raw_dir: Path
    full_refresh: bool
    reload: bool


def run_parity(project: Project, targets: Sequence[str], options: ParityOptions) -> ParityResult:
    """Builds every state on every target and compares each with the first one.

    Raises InputError when fewer than two targets are named, BuildError when a target cannot build, StrataError when an
    engine cannot be had. The caller decides what differences mean.
    """
    names = list(dict.fromkeys(targets))
    if len(names) < 2:
        raise InputError("parity compares engines, and one was named", "name at least two: --targets dev,postgres")
    with step("sentiment"):
        score_new_tickets(project)
    # One place a list of engines: DuckDB beside PostgreSQL may be compared while it is compared with Spark.
    place = project.root / "target" / "parity" / (project.company or "project") / "-".join(names)
    results: list[StateResult] = []
    with ExitStack() as stack:
        place.mkdir(parents=True, exist_ok=True)
        stack.enter_context(build_lock(place))
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="strata-parity-")))
        projects = {name: _scratch(project, name, place) for name in names}
        environment = _environment(place)
        engines = {name: stack.enter_context(open_engine(projects[name], environment)) for name in names}
        for state in _states(project, options, work):
            results.append(_compare_state(state, projects, engines))
    return ParityResult(tuple(names), tuple(results))


def _states(project: Project, options: ParityOptions, work: Path) -> Iterator[_State]:
    raw_dir = project.raw_dir
    if options.late:
        raw_dir = work / "raw"
        with step("hold rows back"):
            say(f"  {hold_back(project, raw_dir):,} rows come late")
    first = project.as_of - timedelta(days=options.days)
    yield _State("full", first, raw_dir, full_refresh=True, reload=True)
    for day in range(1, options.days + 1):
        yield _State(f"day {day}", first + timedelta(days=day), raw_dir, full_refresh=False, reload=False)
    if options.late:
        yield _State("late", project.as_of, project.raw_dir, full_refresh=False, reload=True)
        shutil.rmtree(raw_dir, ignore_errors=True)


def _compare_state(state: _State, projects: Mapping[str, Project], engines: Mapping[str, Engine]) -> StateResult:
    tables: dict[str, list[PublicTable]] = {}
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for name, engine in engines.items():
            settled = _settled(projects[name], state)
            with step(f"{state.name}, as of {state.as_of}: {name}"):
                if state.reload:
                    engine.load(settled)
                # The policy is the same in every state: its seeds are loaded once.
                left_out = ["unit_test", "test", *([] if state.full_refresh else ["seed"])]
                flags = [word for kind in left_out for word in ("--exclude-resource-type", kind)]
                run_dbt(
                    settled,
                    ["build", *flags, *(["--full-refresh"] if state.full_refresh else [])],
                    "dbt nodes",
                    engine.environment,
                )
                tables[name] = public_tables(read_manifest(settled))
                for table in tables[name]:
                    relation = engine.read_table(connection, table.schema, table.identifier)
                    relation.create(_copy_name(name, table.name))
                # What an engine holds open may keep dbt out; it opens again when it is asked.
                engine.close()
        first, *others = engines
        results = [
            _compare_table(connection, table, first, other, tables[other])
            for other in others
            for table in tables[first]
        ]
    result = StateResult(state.name, state.as_of, tuple(results))
    # A state takes minutes; whoever waits for five of them wants to know how it goes.
    say(f"  {state.name}: {result.differences:,} differences in {len(tables[first])} tables")
    return result


def _compare_table(
    connection: duckdb.DuckDBPyConnection, table: PublicTable, first: str, other: str, there: Sequence[PublicTable]
) -> TableResult:
    if not table.grain:
        raise BuildError(
            f"{table.name} has no key to compare by", "give its model a sound_rows test, which names its key"
        )
    if table.name not in {found.name for found in there}:
        raise BuildError(f"{other} does not build {table.name}", "see the models that are enabled there")
    return compare(
        connection,
        table.name,
        table.grain,
        Copy(first, _copy_name(first, table.name)),
        Copy(other, _copy_name(other, table.name)),
    )


def _copy_name(target: str, table: str) -> str:
    return f"{target} {table}"


def _scratch(project: Project, target: str, place: Path) -> Project:
    """The project, building in a place of parity's own."""
    return replace(project, target=target, warehouse=place / target)


def _environment(place: Path) -> dict[str, str]:
    """Where engines with schemas and folders of their own build; each reads what concerns it."""
    return {
        "STRATA_PG_SCHEMA": SCHEMA,
        "STRATA_SPARK_SCHEMA": SCHEMA,
        "STRATA_SPARK_DIR": str(place / "spark-tables"),
    }


def _settled(project: Project, state: _State) -> Project:
    raw_dir = (
        state.raw_dir if not state.raw_dir.is_relative_to(project.root) else state.raw_dir.relative_to(project.root)
    )
    changed: dict[str, Any] = {
        "raw_dir": str(raw_dir),
        "as_of_date": state.as_of.isoformat(),
        "raw_schema_prefix": RAW_PREFIX,
        # What another comparison has seen in the same place is not what this company said.
        "forget_observed": state.full_refresh,
    }
    project.warehouse.mkdir(parents=True, exist_ok=True)
    return replace(
        project,
        as_of=state.as_of,
        raw_dir=Path(os.path.abspath(state.raw_dir)),
        variables=MappingProxyType({**project.variables, **changed}),
        overrides=MappingProxyType({**project.overrides, **changed}),
    )
