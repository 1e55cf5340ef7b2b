"""Raw folders of the generated company as rows that a test can change, add to and land again."""

from __future__ import annotations

import datetime as dt
import random
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from strata.generate.ledger import raw_keys
from strata.generate.schemas import KEYS, SCHEMAS, TableKey

Row = dict[str, Any]
"""A raw row: column name to value."""

Raw = dict[TableKey, list[Row]]
"""All raw tables of a company."""

OPEN_END = dt.datetime(9999, 12, 31, 23, 59, 59)
"""What the connector writes as the end of a version that still holds."""

LOADED_AT = {
    key: "_fivetran_synced" if "_fivetran_synced" in schema.names else "received_at" for key, schema in SCHEMAS.items()
}
"""The column of each table that says when a row was delivered."""


def read_raw(folder: Path) -> Raw:
    """Every row of every raw table."""
    return {key: pq.read_table(folder / key[0] / key[1]).to_pylist() for key in SCHEMAS}


def copy_of(raw: Raw) -> Raw:
    """The same rows in new lists and dicts, free to be changed."""
    return {key: [dict(row) for row in rows] for key, rows in raw.items()}


def land(raw: Raw, folder: Path, files: int = 1) -> Path:
    """Writes the tables as connectors land them, each cut into so many files."""
    shutil.rmtree(folder, ignore_errors=True)
    for key, rows in raw.items():
        place = folder / key[0] / key[1]
        place.mkdir(parents=True)
        size = -(-len(rows) // files) or 1
        for part in range(files):
            some = pa.Table.from_pylist(rows[part * size : (part + 1) * size], schema=SCHEMAS[key])
            pq.write_table(some, place / f"part-{part:05d}.parquet")
    return folder


def keys_of(key: TableKey, rows: list[Row]) -> list[str | None]:
    """The key of each row as fct_rejected_rows writes it; None where a part of it is missing."""
    keys: list[str | None] = raw_keys(key, pa.Table.from_pylist(rows, schema=SCHEMAS[key])).to_pylist()
    return keys


def key_columns(key: TableKey) -> tuple[str, ...]:
    """The columns that identify a row of a raw table."""
    return KEYS.get(key, ("id",))


def redelivered(row: Row, at: dt.datetime, **changes: Any) -> Row:
    """The row as a connector delivers it again at a later time, with what has changed."""
    return {**row, **changes, "_fivetran_synced": at}


def latest(rows: Iterable[Row]) -> list[Row]:
    """Of every id the row delivered last, and of a history the version that holds last."""
    chosen: dict[Any, Row] = {}
    for row in sorted(rows, key=lambda r: (r.get("_fivetran_start") or dt.datetime.min, r["_fivetran_synced"])):
        chosen[row["id"]] = row
    return list(chosen.values())


def shuffled(rows: list[Row], seed: int) -> list[Row]:
    """The rows in another order."""
    again = list(rows)
    random.Random(seed).shuffle(again)
    return again
