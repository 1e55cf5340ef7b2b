"""What came out: plain data, the same in JSON, in the table, in the plot and in the docs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from strata.bench.measure import Cost, Stopped
from strata.bench.nodes import KindTime, NodeTime


@dataclass(frozen=True)
class Machine:
    """Where it ran, without anything that names the machine."""

    system: str
    cores: int
    memory_gb: float
    python: str
    dbt: str
    duckdb: str


@dataclass(frozen=True)
class BuildFigures:
    """A dbt build. cost: of the whole process; elapsed: without dbt's start and parse; nodes: how many there are;
    node_seconds: sum over them; kinds: models, tests and the rest apart; slowest: the first five; large: all over a
    tenth of the build.
    """

    cost: Cost
    elapsed: float
    nodes: int
    node_seconds: float
    kinds: tuple[KindTime, ...]
    slowest: tuple[NodeTime, ...]
    large: tuple[NodeTime, ...]


@dataclass(frozen=True)
class FloorFigures:
    """The floor. phases: seconds of its parts."""

    cost: Cost
    phases: Mapping[str, float]


@dataclass(frozen=True)
class SizeFigures:
    """A company built whole.

    events, raw_rows: what was read; public_rows: what was written for readers; generated: what making it took (None
    when it lay there); pairs: how often build and floor were measured, in turn.
    """

    accounts: int
    months: int
    events: int
    raw_rows: int
    public_rows: int
    generated: Cost | None
    build: BuildFigures
    floor: FloorFigures
    pairs: int

    @property
    def build_to_floor(self) -> float:
        """Wall clock of the dbt process over that of the floor."""
        return self.build.cost.seconds / self.floor.cost.seconds

    @property
    def work_to_floor(self) -> float:
        """The same by work of the processors, which a busy machine disturbs less."""
        return self.build.cost.cpu_seconds / self.floor.cost.cpu_seconds


@dataclass(frozen=True)
class DbtFigures:
    """What dbt takes for itself.

    start: to load its code; parse_cold: without what an earlier run left; parse_warm: with it, nothing changed;
    parse_next_day: with it, and another day. The last three hold the start.
    """

    start: Cost
    parse_cold: Cost
    parse_warm: Cost
    parse_next_day: Cost


@dataclass(frozen=True)
class StepFigures:
    """The other steps of the path on the company of factor 1: the gate before the build, audit and publishing after."""

    gate: Cost
    publish: Cost


@dataclass(frozen=True)
class IncrementFigures:
    """A day more on a history of so many months. full: the build as of the day before; day: the typical daily run;
    event_rows: rows of events that came with the day.
    """

    months: int
    accounts: int
    events: int
    event_rows: int
    full: BuildFigures
    day: BuildFigures

    @property
    def day_to_full(self) -> float:
        """Without dbt's start and parse."""
        return self.day.elapsed / self.full.elapsed


@dataclass(frozen=True)
class PeerFigures:
    """Another way to the same usage features on a company of growth.

    seconds: of the peer, without handing it the events; ours: of our models from the same events to the same features;
    stopped: the limit that ended it; equal_share: of the values that are the same as ours; skipped: why it did not run.
    """

    peer: str
    accounts: int
    events: int
    seconds: float | None
    peak_mb: float | None
    ours: float | None
    equal_share: float | None
    stopped: Stopped | None
    skipped: str | None

    @property
    def peer_to_ours(self) -> float | None:
        """How many times as long it takes."""
        return self.seconds / self.ours if self.seconds is not None and self.ours else None


@dataclass(frozen=True)
class Ratio:
    """A figure of the benchmark. limit: at most this, None where there is none."""

    name: str
    value: float
    limit: float | None
    meaning: str

    @property
    def met(self) -> bool | None:
        """None where there is no limit."""
        return None if self.limit is None else self.value <= self.limit


@dataclass(frozen=True)
class Bench:
    """One run of the benchmark.

    accounts: of the company of factor 1; memory_limit_mb: of the process, in force for build and floor; sizes and
    increments: ascending.
    """

    measured_on: str
    machine: Machine
    accounts: int
    memory_limit_mb: float
    dbt: DbtFigures
    steps: StepFigures
    sizes: tuple[SizeFigures, ...]
    increments: tuple[IncrementFigures, ...]
    peers: tuple[PeerFigures, ...]

    @property
    def base(self) -> SizeFigures:
        """The company of factor 1."""
        return next(size for size in self.sizes if size.accounts == self.accounts)
