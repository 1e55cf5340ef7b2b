"""What a raw table should hold in an engine that does not read files: its own columns, and those it is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from strata.errors import InputError
from strata.gate.sources import DataType, RawTable
from strata.sql import quoted

# A declared column that the files lack is there all the same, empty: only DuckDB unites tables by column name.
_ABSENT: Mapping[DataType, str] = {
    "text": "VARCHAR",
    "json": "VARCHAR",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
    "integer": "INTEGER",
    "decimal": "DECIMAL(18, 4)",
    "boolean": "BOOLEAN",
}


@dataclass(frozen=True)
class RawSelect:
    """A raw table as DuckDB reads it. sql: the query; columns: name -> DuckDB type as landed, in its order."""

    sql: str
    columns: Mapping[str, str]


def raw_select(connection: duckdb.DuckDBPyConnection, table: RawTable) -> RawSelect:
    """The query that reads a raw table, with nulls for declared columns that its files lack.

    Nested values come as JSON text. Raises InputError when the files cannot be read.
    """
    try:
        described = connection.execute(f"describe select * from {table.location}").fetchall()
    except duckdb.Error as error:
        raise InputError(
            f"{table.label} cannot be read: {str(error).splitlines()[0]}",
            f"see where models/staging declares its files: {table.declared_in.name}",
        ) from error
    columns: dict[str, str] = {}
    parts: list[str] = []
    for name, kind, *_ in described:
        nested = kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION"))
        columns[name] = "VARCHAR" if nested or kind == "JSON" else kind
        parts.append(f"cast(to_json({quoted(name)}) as varchar) as {quoted(name)}" if nested else quoted(name))
    known = {name.lower() for name in columns}
    for column in table.columns:
        if column.name.lower() not in known:
            columns[column.name] = _ABSENT[column.data_type]
            parts.append(f"cast(null as {columns[column.name]}) as {quoted(column.name)}")
    return RawSelect(f"select {', '.join(parts)} from {table.location}", columns)
