"""Land the connectors' test seeds as raw tables.

The seeds are CSV files as the connectors' own packages test with: real column names, made-up rows, almost no key that joins.
Every cell is landed as text, which is the worst that a connector does, so that all casts are left to the staging models.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT.parent / "shared" / "data" / "connectors"
SYSTEMS = ("salesforce", "stripe", "segment", "zendesk", "qualtrics")


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

    @property
    def required(self) -> tuple[str, ...]:
        """Columns that the build cannot do without."""
        return tuple(column.name for column in self.columns if column.required)


@dataclass(frozen=True)
class Landed:
    """What was landed: rows per table, in the order of the files."""

    raw_dir: Path
    rows: dict[tuple[str, str], list[dict[str, str | None]]] = field(default_factory=dict)


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


def read_seed(path: Path) -> list[dict[str, str | None]]:
    """Rows of a CSV file; an empty cell is null, names of columns are lower case."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return [
            {key.lower(): (value if value != "" else None) for key, value in row.items() if key}
            for row in csv.DictReader(lines)
        ]


def write_text_table(folder: Path, columns: list[str], rows: list[dict[str, str | None]]) -> None:
    """Write the rows as one Parquet file with nothing but text columns."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {name: pa.array([row.get(name) for row in rows], type=pa.string()) for name in columns}
    pq.write_table(pa.table(arrays), folder / "part-0.parquet")


def land(raw_dir: Path, systems: tuple[str, ...] = SYSTEMS, *, empty: bool = False) -> Landed:
    """Write every raw table of the systems below raw_dir.

    A column that a seed lacks is landed as null when the build needs it, and left out when it does not: both are what connectors
    do. A table without a seed is landed empty, as are all when `empty`.
    """
    landed = Landed(raw_dir)
    for table in raw_tables(systems):
        path = None if empty else seed_file(table)
        rows = read_seed(path) if path else []
        delivered = set(rows[0]) if rows else {column.name for column in table.columns}
        names = [column.name for column in table.columns if column.name in delivered or column.required]
        write_text_table(raw_dir / table.system / table.name, names, rows)
        landed.rows[(table.system, table.name)] = rows
    return landed
