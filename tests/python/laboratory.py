"""Models without a build: the SQL that dbt compiles for them, run on rows that a test makes up.

A table of the laboratory stands where the build would have it, so that the compiled SQL finds it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from real_builds import ROOT


class Laboratory:
    """Compiled models over tables in memory."""

    def __init__(self, folder: Path, models: Sequence[str], variables: Mapping[str, Any] | None = None) -> None:
        """Compiles the models, with vars over those of the project. Fails the test with dbt's own words."""
        command = [
            str(Path(sys.executable).with_name("dbt")), "compile", "--select", *models,
            "--project-dir", str(ROOT), "--profiles-dir", str(ROOT),
            "--target-path", str(folder / "target"), "--log-path", str(folder / "logs"),
            "--vars", json.dumps(dict(variables or {}), sort_keys=True),
        ]  # fmt: skip
        environment = {**os.environ, "STRATA_BUILD_DB": str(folder / "build.duckdb"), "DO_NOT_TRACK": "1"}
        finished = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if finished.returncode != 0:
            pytest.fail(f"dbt compile failed:\n{finished.stdout[-4000:]}\n{finished.stderr[-1000:]}")
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
