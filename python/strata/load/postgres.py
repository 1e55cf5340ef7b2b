"""Loads raw files into PostgreSQL: DuckDB reads them, COPY takes them, each table in one transaction."""

import io
from collections.abc import Iterator
from typing import Any

import duckdb
import psycopg2
import pyarrow as pa
import pyarrow.csv as pa_csv
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from strata.console import NodeProgress
from strata.engines.base import Loaded
from strata.errors import InputError
from strata.gate.sources import RawTable, read_sources
from strata.load.raw_select import RawSelect, raw_select
from strata.project import Project
from strata.sql import quoted

BATCH_ROWS = 50_000

# DuckDB's type -> PostgreSQL's. DECIMAL carries its precision and scale; whatever is not here is landed as text.
_TYPES = {
    "BOOLEAN": "boolean",
    "TINYINT": "smallint",
    "UTINYINT": "smallint",
    "SMALLINT": "smallint",
    "USMALLINT": "integer",
    "INTEGER": "integer",
    "UINTEGER": "bigint",
    "BIGINT": "bigint",
    "UBIGINT": "numeric(20, 0)",
    "HUGEINT": "numeric(39, 0)",
    "FLOAT": "real",
    "DOUBLE": "double precision",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP_S": "timestamp",
    "TIMESTAMP_MS": "timestamp",
    "TIMESTAMP_NS": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
}


def load(project: Project, connection: Connection) -> Loaded:
    """Replaces every raw table of the project's systems by what its files hold.

    A table that is read while this happens is seen either before or after. Raises InputError when files cannot be read,
    hold what PostgreSQL cannot (a NUL character, a date out of range), or when something depends on a table whose
    columns have changed.
    """
    tables = read_sources(project)
    total = 0
    with duckdb.connect() as reader, NodeProgress("raw tables") as progress:
        reader.execute("set TimeZone = 'UTC'")
        for number, table in enumerate(tables, start=1):
            try:
                with connection, connection.cursor() as cursor:
                    rows = _load_table(reader, cursor, table)
            except psycopg2.Error as error:
                raise InputError(
                    f"{table.label} cannot be loaded into PostgreSQL: {str(error).splitlines()[0]}",
                    "the table is as it was; correct the files, or what stands in the way in the database",
                ) from error
            total += rows
            progress.advance(number, len(tables), table.label)
    return Loaded(len(tables), total)


def _load_table(reader: duckdb.DuckDBPyConnection, cursor: Cursor, table: RawTable) -> int:
    select = raw_select(reader, table)
    place = f"{quoted(table.schema)}.{quoted(table.name)}"
    wanted = {name: _postgres_type(kind) for name, kind in select.columns.items()}
    cursor.execute(f"create schema if not exists {quoted(table.schema)}")
    cursor.execute(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute"
        " where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped order by attnum",
        [place],
    )
    there = {str(name): str(kind) for name, kind in cursor.fetchall()}
    # The same columns: the rows alone are replaced, so that views and rights on the table stay.
    if list(there.items()) == [(name, _canonical(cursor, kind)) for name, kind in wanted.items()]:
        cursor.execute(f"truncate table {place}")
    else:
        columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in wanted.items())
        cursor.execute(f"drop table if exists {place}")
        cursor.execute(f"create table {place} ({columns})")
    # Everything as text that DuckDB writes: decimals and times arrive digit for digit.
    texts = ", ".join(f"cast({quoted(name)} as varchar) as {quoted(name)}" for name in wanted)
    batches = reader.sql(f"select {texts} from ({select.sql}) as landed").to_arrow_reader(BATCH_ROWS)
    cursor.copy_expert(f"copy {place} from stdin (format csv)", _CsvStream(batches))
    rows = int(cursor.rowcount)
    cursor.execute(f"analyze {place}")
    return rows


def _canonical(cursor: Cursor, kind: str) -> str:
    cursor.execute("select format_type(to_regtype(%s), null)", [kind.split("(")[0]])
    row = cursor.fetchone()
    bounds = kind[kind.index("(") :].replace(" ", "") if "(" in kind else ""
    return f"{row[0] if row else kind}{bounds}"


def _postgres_type(kind: str) -> str:
    if kind.startswith("DECIMAL"):
        return f"numeric{kind.removeprefix('DECIMAL').replace(' ', '')}"
    return _TYPES.get(kind, "text")


class _CsvStream(io.RawIOBase):
    """Arrow batches of text columns as the bytes of a CSV file: a null is nothing, an empty text is ""."""

    def __init__(self, batches: Any) -> None:
        super().__init__()
        self._chunks = _chunks(batches)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self._rest:
            self._rest = memoryview(next(self._chunks, b""))
        taken = self._rest if size < 0 else self._rest[:size]
        self._rest = self._rest[len(taken) :]
        return bytes(taken)


def _chunks(batches: Any) -> Iterator[bytes]:
    options = pa_csv.WriteOptions(include_header=False, quoting_style="needed")
    for batch in batches:
        if batch.num_rows:
            sink = pa.BufferOutputStream()
            pa_csv.write_csv(batch, sink, options)
            yield sink.getvalue().to_pybytes()


__all__ = ["RawSelect", "load"]
