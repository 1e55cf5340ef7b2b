"""The whole benchmark: companies one after the other, each generated, built, set against the floor and the peers."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from collections.abc import Mapping
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path

import duckdb

from strata.bench import builds
from strata.bench.builds import Built, Place
from strata.bench.company import Company, deliver, make_company
from strata.bench.config import BenchConfig
from strata.bench.figures import (
    Bench,
    BuildFigures,
    DbtFigures,
    FloorFigures,
    IncrementFigures,
    Machine,
    PeerFigures,
    SizeFigures,
    StepFigures,
)
from strata.bench.floor import FloorInput, write_script
from strata.bench.measure import run_measured, typical
from strata.bench.peers.compare import PEERS, prepare, run_peer, skipped
from strata.console import say, step
from strata.dbt_runner import read_manifest
from strata.errors import BuildError, InputError
from strata.gate.sources import read_sources
from strata.lock import build_lock
from strata.project import Project
from strata.publish import public_tables

_UNITS = {"bytes": 1 / 1024**2, "KiB": 1 / 1024, "MiB": 1.0, "GiB": 1024.0, "TiB": 1024.0**2}
_FEATURES = Path("seeds") / "crosswalks" / "feature_catalogue.csv"


def run_bench(project: Project, config: BenchConfig, settings: Mapping[str, str]) -> Bench:
    """Measures everything that the config asks for. settings: variables of profiles.yml that the options give.

    Raises InputError when the project is not one that the generator makes raw tables for, BuildError when a company
    cannot be generated or built, LockedError when another benchmark is at work in the same folder.
    """
    if project.company is not None:
        raise InputError("the benchmark builds generated companies", "leave --company out")
    with build_lock(config.out), builds.open_place(project, config.out / "work", settings) as place:
        bench = _Run(place, config).measure()
        # After a failure everything stays, to be looked at; the next run takes it away.
        if not config.keep:
            shutil.rmtree(place.folder, ignore_errors=True)
            shutil.rmtree(config.out / "raw", ignore_errors=True)
        return bench


class _Run:
    """One run, with what its parts share."""

    def __init__(self, place: Place, config: BenchConfig) -> None:
        self._place, self._config = place, config
        self._as_of = place.project.as_of
        self._peers: list[PeerFigures] = []
        # Peers that were stopped, by the number of accounts at which they were.
        self._beaten: dict[str, int] = {}
        self._dbt: DbtFigures | None = None
        self._steps: StepFigures | None = None

    def measure(self) -> Bench:
        """All parts in order."""
        config = self._config
        sizes = []
        for accounts in config.sizes:
            sizes.append(self._size(accounts))
            if not config.keep:
                # The company of factor 1 may be the one with the longest history, too.
                shutil.rmtree(self._raw(accounts, config.months), ignore_errors=True)
        increments = [self._increment(months) for months in config.history]
        assert self._dbt is not None
        assert self._steps is not None
        return Bench(
            measured_on=date.today().isoformat(),
            machine=_machine(),
            accounts=config.accounts,
            memory_limit_mb=self._memory_limit(),
            dbt=self._dbt,
            steps=self._steps,
            sizes=tuple(sizes),
            increments=tuple(increments),
            peers=tuple(self._peers),
        )

    def _raw(self, accounts: int, months: int) -> Path:
        return self._config.out / "raw" / f"{accounts}-accounts-{months}-months"

    def _company(self, accounts: int, months: int) -> Company:
        folder, config = self._raw(accounts, months), self._config
        folder.parent.mkdir(parents=True, exist_ok=True)
        return make_company(folder, accounts, config.events_of(accounts, months), months, self._as_of, config.seed)

    def _size(self, accounts: int) -> SizeFigures:
        company = self._company(accounts, self._config.months)
        place = self._place.turned(company.raw, self._as_of, company.history_start)
        if self._dbt is None:
            self._dbt = self._own_time(place, company)
        is_base = accounts == self._config.accounts
        pairs = self._config.repeats if is_base else 1
        built: list[Built] = []
        floors: list[FloorFigures] = []
        for pair in range(1, pairs + 1):
            place.cleared()
            with step(f"build {accounts:,} accounts{f', {pair} of {pairs}' if pairs > 1 else ''}"):
                built.append(builds.build(place, full_refresh=True))
            with step(f"floor of {accounts:,} accounts"):
                floors.append(self._floor(place))
            say(f"  build {built[-1].cost.seconds:.1f} s, floor {floors[-1].cost.seconds:.1f} s")
        if is_base:
            self._steps = self._other_steps(place)
        if self._config.is_peer_size(accounts):
            self._meet_peers(place, accounts, built[-1])
        tables = [(table.schema, table.identifier) for table in public_tables(read_manifest(place.project))]
        figures = SizeFigures(
            accounts=accounts,
            months=company.months,
            events=company.events,
            raw_rows=company.rows,
            public_rows=builds.rows_of(place.project.build_db, tables),
            generated=company.cost,
            build=_typical_build(built),
            floor=_typical_floor(floors),
            pairs=pairs,
        )
        place.cleared()
        return figures

    def _own_time(self, place: Place, company: Company) -> DbtFigures:
        with step("dbt's own start and parse"):
            start = builds.start(place)
            yesterday = place.turned(company.raw, self._as_of - timedelta(days=1), company.history_start)
            cold = builds.parse(yesterday, cold=True)
            next_day = builds.parse(place, cold=False)
            # Last with the vars as they are in every build that follows.
            return DbtFigures(start, cold, builds.parse(place, cold=False), next_day)

    def _floor(self, place: Place) -> FloorFigures:
        project = place.project
        opening, after = builds.connection_settings(place)
        script = place.folder / "floor.sql"
        given = FloorInput(
            raw_dir=project.raw_dir,
            tables=[(table.system, table.name, table.location) for table in read_sources(project)],
            features=project.root / _FEATURES,
            finished=project.build_db,
            public=[(table.name, table.schema, table.identifier) for table in public_tables(read_manifest(project))],
        )
        write_script(given, after, script)
        said: list[str] = []
        ran = run_measured(
            [sys.executable, "-m", "strata.bench.floor", str(script), str(place.floor_db), json.dumps(opening)],
            place.folder,
            place.environment,
            said.append,
        )
        if ran.code != 0 or not said:
            raise BuildError(f"the floor failed: {ran.words[-600:] or f'exit code {ran.code}'}", f"see {script}")
        return FloorFigures(ran.cost, json.loads(said[-1]))

    def _other_steps(self, place: Place) -> StepFigures:
        day = ["--as-of", self._as_of.isoformat()]
        with step("gate"):
            gate = builds.strata(place, "check", "raw", *day, "--raw-dir", str(place.raw))
        with step("audit and publish"):
            publish = builds.strata(place, "publish", *day, "--warehouse", str(place.folder))
        return StepFigures(gate, publish)

    def _meet_peers(self, place: Place, accounts: int, built: Built) -> None:
        folder = place.folder / "peers"
        try:
            prepared = prepare(place.project.build_db, read_manifest(place.project), built.table, folder)
        except BuildError as error:
            self._peers += [skipped(peer, accounts, 0, error.message) for peer in PEERS]
            say(f"  peers left out: {error.message}", style="yellow")
            return
        for peer in PEERS:
            if peer in self._beaten:
                reason = f"it did not finish with {self._beaten[peer]:,} accounts"
                self._peers.append(skipped(peer, accounts, prepared.events, reason))
                continue
            with step(f"{peer} with {accounts:,} accounts"):
                figures = run_peer(peer, prepared, self._config, accounts, place.environment)
                if figures.stopped is not None:
                    self._beaten[peer] = accounts
                say(f"  {figures.skipped or _told(figures)}")
            self._peers.append(figures)
        shutil.rmtree(folder, ignore_errors=True)

    def _increment(self, months: int) -> IncrementFigures:
        config = self._config
        company = self._company(config.increment_accounts, months)
        place = self._place.turned(company.raw, self._as_of, company.history_start)
        arrived = config.out / "raw" / "as-it-arrived"
        with step(f"lay out {months} months as they arrived"):
            deliveries = deliver(company, read_sources(place.project), config.days, arrived)
        place.cleared()
        first = self._as_of - timedelta(days=config.days)
        with step(f"build {months} months up to {first}"):
            full = builds.build(place.turned(deliveries.before, first, company.history_start), full_refresh=True)
        daily = []
        for number, raw in enumerate(deliveries.days, start=1):
            day = first + timedelta(days=number)
            with step(f"daily run for {day}"):
                daily.append(builds.build(place.turned(raw, day, company.history_start), full_refresh=False))
                say(f"  {daily[-1].table.elapsed:.1f} s of {full.table.elapsed:.1f} s, without dbt's start and parse")
        place.cleared()
        shutil.rmtree(arrived, ignore_errors=True)
        if not config.keep:
            shutil.rmtree(company.raw, ignore_errors=True)
        return IncrementFigures(
            months=months,
            accounts=company.accounts,
            events=company.events,
            event_rows=deliveries.rows[-1],
            full=_typical_build([full]),
            day=_typical_build(daily),
        )

    def _memory_limit(self) -> float:
        """In MB, of the whole process; where the profile does not ask for that, what it gives DuckDB."""
        opening, after = builds.connection_settings(self._place)
        given = self._place.environment.get("STRATA_MEMORY_LIMIT") or {**opening, **after}.get("memory_limit")
        with duckdb.connect(config={"memory_limit": given} if given else {}) as connection:
            row = connection.execute("select current_setting('memory_limit')").fetchone()
        amount, _, unit = str(row[0] if row else "0 bytes").partition(" ")
        return float(amount) * _UNITS[unit]


def _typical_build(built: list[Built]) -> BuildFigures:
    """Medians of what the processes took; the nodes of the run in the middle."""
    middle = sorted(built, key=lambda item: item.table.elapsed)[(len(built) - 1) // 2].table
    return BuildFigures(
        cost=typical([item.cost for item in built]),
        elapsed=middle.elapsed,
        nodes=len(middle.nodes),
        node_seconds=middle.node_seconds,
        kinds=middle.kinds,
        slowest=middle.slowest,
        large=middle.large,
    )


def _typical_floor(floors: list[FloorFigures]) -> FloorFigures:
    middle = sorted(floors, key=lambda item: item.cost.seconds)[(len(floors) - 1) // 2]
    return FloorFigures(typical([item.cost for item in floors]), middle.phases)


def _told(figures: PeerFigures) -> str:
    if figures.stopped is not None:
        return f"stopped at its limit of {figures.stopped}"
    return f"{figures.seconds:.1f} s, ours {figures.ours:.1f} s; {figures.equal_share:.2%} equal"


def _machine() -> Machine:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return Machine(
        system=f"{platform.system()} {platform.machine()}",
        cores=cores,
        memory_gb=round(memory, 1),
        python=platform.python_version(),
        dbt=version("dbt-core"),
        duckdb=version("duckdb"),
    )
