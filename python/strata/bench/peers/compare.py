"""Hands a peer its events, measures it, and holds its features against ours."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from strata.bench.config import BenchConfig
from strata.bench.figures import PeerFigures
from strata.bench.measure import run_measured
from strata.bench.nodes import NodeTable
from strata.bench.peers import FEATURES
from strata.errors import BuildError
from strata.sql import literal, quoted

PEERS = ("polars", "postgres")
_EVENTS, _FEATURES = "usage_events", "int_account_usage"
# Loading into PostgreSQL is not counted, and must not go on for ever either.
_LOADING = 10.0


@dataclass(frozen=True)
class Prepared:
    """What the peers of one company share. folder: holds their files; ours: seconds of our models from the events to
    the usage features, one after the other; events: how many they read.
    """

    folder: Path
    ours: float
    events: int


def prepare(build_db: Path, manifest: Mapping[str, Any], table: NodeTable, folder: Path) -> Prepared:
    """Writes the cleaned events with their accounts, the snapshots and our features. Not counted for anybody.

    An event belongs to the workspace it names, else to the one its user was in on that day, as in int_user_days.

    Raises BuildError when the build lacks a table that this needs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    at = {name: _relation(manifest, name) for name in (_EVENTS, "int_account_match_windows", "account_features")}
    at |= {name: _relation(manifest, name) for name in ("feature_catalogue", "workspace_memberships")}
    try:
        with duckdb.connect(str(build_db), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            done = connection.execute(
                f"""
                copy (
                    select
                        matches.account_id, events.product_user_id as user_id,
                        case when catalogue.feature_bit <> 0 then catalogue.feature end as feature, events.occurred_at
                    from {at[_EVENTS]} as events
                    left join {at["workspace_memberships"]} as memberships
                        on
                            events.workspace_id is null and events.product_user_id = memberships.product_user_id
                            and cast(events.occurred_at as date) >= memberships.valid_from
                            and (
                                memberships.valid_to is null
                                or cast(events.occurred_at as date) < memberships.valid_to
                            )
                    inner join {at["int_account_match_windows"]} as matches
                        on
                            matches.entity_type = 'workspace'
                            and coalesce(events.workspace_id, memberships.workspace_id) = matches.entity_id
                            and cast(events.occurred_at as date) >= matches.valid_from
                            and (matches.valid_to is null or cast(events.occurred_at as date) < matches.valid_to)
                    left join {at["feature_catalogue"]} as catalogue
                        on
                            events.source_system = catalogue.source_system
                            and events.event_name = catalogue.event_name
                    where matches.account_id is not null
                ) to {literal(str(folder / "events.parquet"))} (format parquet)
                """
            ).fetchone()
            connection.execute(
                f"copy (select distinct snapshot_date from {at['account_features']} order by snapshot_date)"
                f" to {literal(str(folder / 'snapshots.parquet'))} (format parquet)"
            )
            connection.execute(
                f"copy (select account_id, snapshot_date, {', '.join(FEATURES)} from {at['account_features']})"
                f" to {literal(str(folder / 'ours.parquet'))} (format parquet)"
            )
    except duckdb.Error as error:
        raise BuildError(f"the peers' events cannot be read from the build: {str(error).splitlines()[0]}") from error
    return Prepared(folder, table.seconds_of(_between(manifest)), 0 if done is None else int(done[0]))


def run_peer(peer: str, prepared: Prepared, config: BenchConfig, accounts: int, environment: Mapping[str, str]) -> (
    PeerFigures
):  # fmt: skip
    """One peer on one company. Never raises for what the peer cannot do: that is a figure too."""
    if (reason := _missing(peer, environment)) is not None:
        return skipped(peer, accounts, prepared.events, reason)
    folder = prepared.folder
    result = folder / f"{peer}.parquet"
    result.unlink(missing_ok=True)
    files = [str(folder / "events.parquet"), str(folder / "snapshots.parquet"), str(result)]
    limit = config.peer_seconds if peer == "polars" else config.peer_seconds * _LOADING
    said: list[str] = []
    ran = run_measured(
        [sys.executable, "-m", f"strata.bench.peers.in_{peer}", *files, str(config.peer_seconds)],
        folder,
        environment,
        said.append,
        seconds=limit,
        memory_mb=config.peer_memory_gb * 1024,
    )
    seconds = float(json.loads(said[-1])["seconds"]) if ran.code == 0 and said else -1.0
    stopped = ran.stopped or ("time" if ran.code == 0 and seconds < 0 else None)
    if stopped is None and ran.code != 0:
        return skipped(peer, accounts, prepared.events, f"it failed: {(ran.words or 'without a word')[-300:]}")
    return PeerFigures(
        peer=peer,
        accounts=accounts,
        events=prepared.events,
        seconds=None if stopped else seconds,
        # Of PostgreSQL, the client alone is seen.
        peak_mb=ran.cost.peak_mb if peer == "polars" else None,
        ours=prepared.ours,
        equal_share=None if stopped else _equal_share(folder / "ours.parquet", result),
        stopped=stopped,
        skipped=None,
    )


def skipped(peer: str, accounts: int, events: int, reason: str) -> PeerFigures:
    """A peer that did not run, and why."""
    return PeerFigures(peer, accounts, events, None, None, None, None, None, reason)


def _missing(peer: str, environment: Mapping[str, str]) -> str | None:
    if peer == "polars" and importlib.util.find_spec("polars") is None:
        return "polars is not installed; it is in the extra `bench`"
    if peer == "postgres" and importlib.util.find_spec("psycopg2") is None:
        return "psycopg2 is not installed; it is in the extra `postgres`"
    if peer == "postgres" and not environment.get("STRATA_PG_HOST", os.environ.get("STRATA_PG_HOST")):
        return "no server is given: STRATA_PG_HOST is not set"
    return None


def _relation(manifest: Mapping[str, Any], name: str) -> str:
    for node in manifest["nodes"].values():
        if node["name"] == name and node["resource_type"] in ("model", "seed"):
            if node["config"]["materialized"] == "ephemeral":
                break
            return f"{quoted(node['schema'])}.{quoted(node['alias'])}"
    raise BuildError(f"the peers read {name}, which this project does not build as a table or view")


def _between(manifest: Mapping[str, Any]) -> list[str]:
    """Names of our models from the events (without them) to the usage features of every snapshot."""
    nodes = manifest["nodes"]
    ids = {node["name"]: key for key, node in nodes.items() if node["resource_type"] == "model"}
    after = _reached(manifest["child_map"], ids.get(_EVENTS, ""))
    before = {*_reached(manifest["parent_map"], ids.get(_FEATURES, "")), ids.get(_FEATURES, "")}
    return [nodes[key]["name"] for key in after & before if key in nodes and nodes[key]["resource_type"] == "model"]


def _reached(edges: Mapping[str, list[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = list(edges.get(start, []))
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += edges.get(key, [])
    return found


def _equal_share(ours: Path, theirs: Path) -> float:
    """Of the snapshots at which an account was used by either's reckoning, the share with four equal values.

    Only where we observe the account: without a known workspace on that day we say so, a peer knows of no such rule.
    """
    used = " or ".join(f"coalesce(ours.{name}, 0) > 0" for name in FEATURES)
    same = " and ".join(f"coalesce(ours.{name}, 0) = coalesce(theirs.{name}, 0)" for name in FEATURES)
    row = duckdb.execute(
        f"select avg(case when {same} then 1.0 else 0.0 end) from {literal(str(ours))} as ours"
        f" left join {literal(str(theirs))} as theirs using (account_id, snapshot_date)"
        f" where ours.actions_28d is not null and ({used} or theirs.actions_28d > 0)"
    ).fetchone()
    return 0.0 if row is None or row[0] is None else float(row[0])
