"""Models without a build: the SQL that dbt compiles for them, run on rows that a test makes up.

A table of the laboratory stands where the build would have it, so that the compiled SQL finds it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from dbt_runs import start_dbt


class Laboratory:
    """Compiled models over tables in memory."""

    def __init__(self, folder: Path, models: Sequence[str], as_of: dt.date | None = None) -> None:
        """Compiles the models for a day, in a folder that others may use after it: what dbt has parsed stays there.

        Fails the test with dbt's own words.
        """
        words = ["compile", "--select", *models]
        start_dbt(words, database=folder / "build.duckdb", target=folder / "target", as_of=as_of).succeed()
        manifest = json.loads((folder / "target" / "manifest.json").read_text(encoding="utf-8"))
        self._nodes: dict[str, dict[str, Any]] = {
            node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] in ("model", "seed")
        }
        self._connection = duckdb.connect()
        self._connection.execute("attach ':memory:' as build")
        for schema in sorted({node["schema"] for node in self._nodes.values()}):
            self._connection.execute(f"create schema if not exists build.{schema}")

    def close(self) -> None:
        """Forgets everything."""
        self._connection.close()

    def put(self, name: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
        """Makes the table of a model or seed. columns: names and types, as in SQL."""
        place = self._place(name)
        self._connection.execute(f"create or replace table {place} ({columns})")
        values = list(zip(*rows, strict=True))
        if values:
            made_up = pa.table([pa.array(cells) for cells in values], names=[f"c{at}" for at in range(len(values))])
            self._connection.register("made_up", made_up)
            self._connection.execute(f"insert into {place} from made_up")
            self._connection.unregister("made_up")

    def run(self, name: str) -> None:
        """Makes the table of a model by its own SQL."""
        self._connection.execute(f"create or replace table {self._place(name)} as {self._nodes[name]['compiled_code']}")

    def sql(self, name: str) -> str:
        """The SQL of a model as dbt compiled it."""
        return str(self._nodes[name]["compiled_code"])

    def rows(self, name: str, columns: str = "*") -> list[tuple[Any, ...]]:
        """The rows of a table."""
        return self._connection.execute(f"select {columns} from {self._place(name)}").fetchall()

    def _place(self, name: str) -> str:
        node = self._nodes[name]
        return f"build.{node['schema']}.{node['alias']}"
