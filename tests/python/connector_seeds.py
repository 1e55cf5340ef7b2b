"""The connectors' test seeds as raw tables, and staging and canonical tables built on them by dbt alone.

The seeds are the CSV files that the connectors' own packages test with: real column names, made-up rows, almost no key
that joins. Every cell is landed as text, the worst that a connector does: all casts are left to the staging models.
"""

from __future__ import annotations

import csv
import random
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from dbt_runs import ROOT, start_dbt

SEEDS = ROOT.parent / "shared" / "data" / "connectors"
SYSTEMS = ("salesforce", "stripe", "segment", "zendesk", "qualtrics")
WITH_SEEDS = ("salesforce", "stripe", "zendesk", "qualtrics")

Row = dict[str, str | None]
"""A raw row: column name to text."""


@dataclass(frozen=True)
class Column:
    """A column of a raw table as the sources yml describes it."""

    name: str
    data_type: str
    required: bool


@dataclass(frozen=True)
class RawTable:
    """A raw table of one system with the columns that staging reads."""

    system: str
    name: str
    columns: tuple[Column, ...]

    @property
    def staging_model(self) -> str:
        """Name of the staging model that reads the table."""
        return f"stg_{self.system}__{self.name}"

    def landed_columns(self, delivered: set[str]) -> list[str]:
        """The columns to land: those that are delivered, and those that the build cannot do without."""
        return [column.name for column in self.columns if column.name in delivered or column.required]


@dataclass(frozen=True)
class Landed:
    """What was landed: the folder, and the rows of each (system, table)."""

    raw_dir: Path
    rows: dict[tuple[str, str], list[Row]]


@dataclass(frozen=True)
class Staged:
    """Staging and canonical tables built by dbt, and the raw rows they were built from."""

    landed: Landed
    database: Path

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def number(self, sql: str) -> int:
        """The one number of a query."""
        return int(self.query(sql)[0][0])

    def kept_as(self, database: Path) -> Staged:
        """A copy that a later build in the same place leaves alone."""
        shutil.copyfile(self.database, database)
        return Staged(self.landed, database)


def raw_tables(systems: tuple[str, ...] = SYSTEMS) -> list[RawTable]:
    """The raw tables of the systems, read from their sources yml."""
    tables = []
    for system in systems:
        path = ROOT / "models" / "staging" / system / f"_{system}__sources.yml"
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        for source in document["sources"]:
            for table in source["tables"]:
                columns = tuple(
                    Column(column["name"], column["data_type"], bool(column["config"]["meta"]["required"]))
                    for column in table["columns"]
                )
                tables.append(RawTable(system, table["name"], columns))
    return tables


def seed_file(table: RawTable) -> Path | None:
    """The seed of a raw table, or None when its package has none."""
    folder = SEEDS / table.system / "seeds"
    for name in (f"{table.name}.csv", f"{table.name}_data.csv", f"sf_{table.name}_data.csv"):
        if (folder / name).is_file():
            return folder / name
    return None


def read_seed(path: Path) -> list[Row]:
    """Rows of a CSV file; an empty cell is null, names of columns are lower case."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return [
            {name.lower(): (cell if cell != "" else None) for name, cell in row.items() if name}
            for row in csv.DictReader(lines)
        ]


def write_text_table(folder: Path, columns: list[str], rows: list[Row], part: int = 0) -> None:
    """Writes the rows as one Parquet file with nothing but text columns."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {name: pa.array([row.get(name) for row in rows], type=pa.string()) for name in columns}
    pq.write_table(pa.table(arrays), folder / f"part-{part}.parquet")


def land(raw_dir: Path, systems: tuple[str, ...] = SYSTEMS, *, empty: bool = False) -> Landed:
    """Writes every raw table of the systems below raw_dir.

    A column that a seed lacks is landed as null when the build needs it, and left out when it does not: connectors do
    both.
    A table without a seed is landed empty, as all are when `empty`. Skips the test where the seeds are not there.
    """
    if not SEEDS.is_dir():
        pytest.skip("the connectors' seeds are not beside the project: no folder ../shared/data/connectors")
    landed = Landed(raw_dir, {})
    for table in raw_tables(systems):
        path = None if empty else seed_file(table)
        rows = read_seed(path) if path else []
        delivered = set(rows[0]) if rows else {column.name for column in table.columns}
        write_text_table(raw_dir / table.system / table.name, table.landed_columns(delivered), rows)
        landed.rows[(table.system, table.name)] = rows
    return landed


def deliver_again(landed: Landed, seed: int) -> Landed:
    """Writes the same rows in place of what was landed: shuffled, half of them twice, in two files a table."""
    shuffled = Landed(landed.raw_dir, {})
    order = random.Random(seed)
    systems = tuple(dict.fromkeys(system for system, _ in landed.rows))
    for table in raw_tables(systems):
        rows = landed.rows[(table.system, table.name)]
        again = rows + order.sample(rows, k=len(rows) // 2)
        order.shuffle(again)
        names = table.landed_columns(set(rows[0]) if rows else {column.name for column in table.columns})
        middle = len(again) // 3
        for part, some in enumerate((again[:middle], again[middle:])):
            write_text_table(landed.raw_dir / table.system / table.name, names, some, part)
        shuffled.rows[(table.system, table.name)] = again
    return shuffled


def build(landed: Landed, work: Path, systems: tuple[str, ...] = SYSTEMS, *, with_tests: bool = True) -> Staged:
    """Builds staging and canonical tables on what was landed, with their data tests unless told otherwise.

    Fails the test with dbt's own words when dbt fails. A second build of the same `work` spares the parsing.
    """
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
    offers = {system: project["vars"]["systems"][system] for system in systems}
    work.mkdir(parents=True, exist_ok=True)
    database = work / "build.duckdb"
    words = [
        "build", "--select", "staging", "+canonical",
        # Tests that read tables beyond the canonical ones have nothing to read here.
        "--indirect-selection", "cautious", "--exclude-resource-type", "unit_test",
        *([] if with_tests else ["--exclude-resource-type", "test"]),
    ]  # fmt: skip
    variables = {"raw_dir": str(landed.raw_dir), "systems": offers}
    start_dbt(words, database=database, target=work / "target", variables=variables).succeed()
    return Staged(landed, database)
