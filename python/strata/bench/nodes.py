"""What each node of a dbt run took, from its run_results.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

SLOWEST = 5
LARGE_SHARE = 0.1


@dataclass(frozen=True)
class NodeTime:
    """One node. kind: model, seed, test, unit_test, snapshot or operation; seconds: from its start to its end;
    compile_seconds: the part of it in which dbt wrote its SQL; share: of the time the whole run took.
    """

    name: str
    kind: str
    seconds: float
    compile_seconds: float
    share: float


@dataclass(frozen=True)
class KindTime:
    """All nodes of a kind together. Nodes run side by side, so the sum over kinds may exceed the time of the run."""

    kind: str
    nodes: int
    seconds: float


@dataclass(frozen=True)
class NodeTable:
    """A dbt run without its start and parse. elapsed: from the first thing dbt did in the database to the last; nodes:
    the slowest first.
    """

    elapsed: float
    nodes: tuple[NodeTime, ...]

    @property
    def node_seconds(self) -> float:
        """Sum over all nodes."""
        return sum(node.seconds for node in self.nodes)

    @property
    def kinds(self) -> tuple[KindTime, ...]:
        """Models apart from tests and the rest, the most expensive kind first."""
        found = {
            kind: [node.seconds for node in self.nodes if node.kind == kind]
            for kind in {node.kind for node in self.nodes}
        }
        kinds = [KindTime(kind, len(seconds), sum(seconds)) for kind, seconds in found.items()]
        return tuple(sorted(kinds, key=lambda item: (-item.seconds, item.kind)))

    @property
    def slowest(self) -> tuple[NodeTime, ...]:
        """The five slowest."""
        return self.nodes[:SLOWEST]

    @property
    def large(self) -> tuple[NodeTime, ...]:
        """Every node that takes more than a tenth of the run."""
        return tuple(node for node in self.nodes if node.share > LARGE_SHARE)

    def seconds_of(self, names: Sequence[str]) -> float:
        """Sum over the models of these names."""
        return sum(node.seconds for node in self.nodes if node.kind == "model" and node.name in names)


def read_nodes(run_results: Mapping[str, Any]) -> NodeTable:
    """Turns the content of a run_results.json into a table. Nodes that were skipped did not run and are left out."""
    elapsed = float(run_results["elapsed_time"])
    nodes = [
        NodeTime(
            name=_name(str(result["unique_id"])),
            kind=str(result["unique_id"]).split(".")[0],
            seconds=float(result["execution_time"]),
            compile_seconds=_phase(result, "compile"),
            share=float(result["execution_time"]) / elapsed if elapsed else 0.0,
        )
        for result in run_results["results"]
        if result["status"] not in ("skipped", "no-op")
    ]
    return NodeTable(elapsed, tuple(sorted(nodes, key=lambda node: (-node.seconds, node.name))))


def _name(unique_id: str) -> str:
    """`model.strata.dim_accounts.v1` -> `dim_accounts.v1`; the hash at the end of a generic test's id goes."""
    kind, _, rest = unique_id.partition(".")
    name = rest.partition(".")[2] or rest
    head, _, last = name.rpartition(".")
    return head if kind == "test" and head and len(last) == 10 else name


def _phase(result: Mapping[str, Any], phase: str) -> float:
    for timing in result.get("timing") or []:
        if timing.get("name") == phase and timing.get("started_at") and timing.get("completed_at"):
            started, completed = (datetime.fromisoformat(timing[key]) for key in ("started_at", "completed_at"))
            return (completed - started).total_seconds()
    return 0.0
