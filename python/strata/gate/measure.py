"""Measures raw tables where they lie: whether files and columns are there, then one aggregate scan a table."""

import difflib
import glob
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from strata.errors import Finding
from strata.gate.casts import Casts
from strata.gate.files import odd_files, odd_headers, other_letters, several_files, torn_rows
from strata.gate.sources import RawColumn, RawTable
from strata.project import Project
from strata.sql import quoted

# Above this many bytes of files, distinct keys are estimated instead of counted: counting would cost more than the
# build's own
# deduplication, and the finding is a warning.
EXACT_KEYS_UP_TO_BYTES = 500_000_000

# Likeness of two column names, of 1, from which a missing column is taken for a renamed one even where it is optional.
SURELY_RENAMED = 0.8

# DuckDB types that cannot hold text, so that a cell of them is always castable.
_NUMBERS = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "DECIMAL",
    "DOUBLE",
    "FLOAT",
)
_TYPED: Mapping[str, tuple[str, ...]] = {
    "text": (),
    "timestamp": ("TIMESTAMP", "DATE"),
    "date": ("TIMESTAMP", "DATE"),
    "integer": ("TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT"),
    "decimal": _NUMBERS,
    "boolean": ("BOOLEAN",),
    "json": ("JSON",),
}


@dataclass(frozen=True)
class Readable:
    """A raw table whose files and columns are there.

    types: DuckDB type of each declared column; size: bytes of its files.
    """

    table: RawTable
    files: tuple[Path, ...]
    types: Mapping[str, str]
    size: int


@dataclass(frozen=True)
class Measurement:
    """One number about a table. name: column of the measurement table; column: raw column it is about, or None."""

    name: str
    check: str
    column: str | None
    sql: str


def inspect(
    project: Project, connection: duckdb.DuckDBPyConnection, tables: Sequence[RawTable]
) -> tuple[list[Readable], list[Finding]]:
    """Which tables can be read at all, and a finding for everything that is not there."""
    if not project.raw_dir.is_dir() and tables:
        return [], [
            Finding(
                "error",
                project.shown(project.raw_dir),
                None,
                None,
                "the folder of raw tables is not there",
                "make one with `strata generate`, or name yours with --raw-dir",
            )
        ]
    readable: list[Readable] = []
    findings: list[Finding] = []
    for table in tables:
        found, complaints = _inspect_table(project, connection, table)
        findings += complaints
        if found is not None:
            readable.append(found)
    return readable, findings


def _inspect_table(
    project: Project, connection: duckdb.DuckDBPyConnection, table: RawTable
) -> tuple[Readable | None, list[Finding]]:
    # The engine reads hidden files, too.
    files = tuple(Path(name) for pattern in table.paths for name in sorted(glob.glob(pattern, include_hidden=True)))
    if not files:
        if table.gate.may_be_absent:
            return None, []
        return None, [_missing_file(project, table)]
    if odd := odd_files(project, table, files) or odd_headers(project, table, files):
        return None, odd
    try:
        described = connection.execute(f"describe select * from {table.location}").fetchall()
    except duckdb.Error as error:
        if odd := other_letters(project, table, files) or torn_rows(project, table, files):
            return None, odd
        reason = str(error).splitlines()[0]
        return None, [
            Finding(
                "error",
                project.shown(Path(table.paths[0])),
                None,
                None,
                f"{table.label} cannot be read: {reason}",
                "land the file again; it may be half-written or of another format",
            )
        ]
    there = {str(name).lower(): (str(name), str(kind)) for name, kind, *_ in described}
    # Before a row that is too long the engine skips all lines, the header among them.
    if any(column.name.lower() not in there for column in table.columns) and (
        odd := other_letters(project, table, files) or torn_rows(project, table, files)
    ):
        return None, odd
    findings = several_files(project, table, files)
    findings += _missing_columns(project, table, {key: name for key, (name, _) in there.items()})
    present = tuple(column for column in table.columns if column.name.lower() in there)
    types = {column.name: there[column.name.lower()][1] for column in present}
    size = sum(file.stat().st_size for file in files if file.is_file())
    return Readable(replace(table, columns=present), files, types, size), findings


def _missing_file(project: Project, table: RawTable) -> Finding:
    pattern = project.shown(Path(table.paths[0]))
    # A table that is a folder of files is missing as a folder; one that is a file is missing in its folder.
    wanted = pattern.parent if pattern.parent.name == table.name else pattern
    siblings = os.listdir(wanted.parent) if wanted.parent.is_dir() else []
    close = difflib.get_close_matches(wanted.name, siblings, n=1, cutoff=0.75)
    hint = f"; `{close[0]}` looks like it" if close and close[0] != wanted.name else ""
    return Finding(
        "error",
        pattern,
        None,
        None,
        f"missing file: nothing there for {table.label}{hint}",
        f"land the table there, or take `{table.system}` out of var systems if this company has no such system",
    )


def _missing_columns(project: Project, table: RawTable, there: Mapping[str, str]) -> list[Finding]:
    """A finding for each declared column that is not there.

    A required one blocks. So does any that seems to be there under another name: its values would be lost without a
    word. Staging fills the others with null.
    """
    declared = {column.name.lower() for column in table.columns}
    spare = [name for key, name in there.items() if key not in declared]
    findings: list[Finding] = []
    for column in table.columns:
        if column.name.lower() in there:
            continue
        close = difflib.get_close_matches(column.name, spare, n=1, cutoff=0.6)
        renamed = bool(difflib.get_close_matches(column.name, spare, n=1, cutoff=SURELY_RENAMED))
        blocks = column.meta.required or renamed
        hint = f"; `{close[0]}` looks like it" if close else ""
        remedy = (
            "rename it back in the source, or map the new name in the staging model" if close else "land the column"
        )
        findings.append(
            Finding(
                "error" if blocks else "warning",
                project.shown(Path(table.paths[0])),
                None,
                column.name,
                f"column `{column.name}` of {table.label} is missing{hint}",
                remedy if blocks else f"{remedy}, or leave it: it counts as empty",
            )
        )
    return findings


def measurements(project: Project, casts: Casts, readable: Readable) -> list[Measurement]:
    """Everything to be measured of one table.

    Shares are of the cells that are present, ages in days before the as-of date.
    """
    table = readable.table
    by_name = {column.name: column for column in table.columns}
    result = [Measurement("row_count", "volume", None, "count(*)")]
    for column in table.columns:
        present = _present(casts, column, readable)
        if column.name in table.gate.key:
            result.append(_share(column, "keys", f"not ({present})", "true"))
        elif column.meta.required:
            result.append(_share(column, "filled", f"not ({present})", "true"))
        if not _is_typed(column, readable.types[column.name]):
            result.append(_share(column, "castable", f"{present} and ({casts.value(column)}) is null", present))
    for name, bounds in table.gate.ranges.items():
        if name in by_name:
            value = f"({casts.value(by_name[name])})"
            conditions = [f"{value} < {bounds.min}"] if bounds.min is not None else []
            conditions += [f"{value} > {bounds.max}"] if bounds.max is not None else []
            result.append(_share(by_name[name], "ranges", " or ".join(conditions) or "false", f"{value} is not null"))
    if table.gate.key and all(name in by_name for name in table.gate.key):
        result.append(_repeated(casts, readable))
    loaded_at = by_name.get(table.gate.loaded_at or "")
    if loaded_at is not None:
        # A file that holds times needs no reading of text, which would be most of the gate on a large table.
        typed = _holds_no_text(loaded_at, readable)
        newest = f"max({quoted(loaded_at.name) if typed else casts.value(loaded_at)})"
        age = f"date_diff('day', cast({newest} as date), date '{project.as_of.isoformat()}')"
        result.append(Measurement("freshness", "freshness", loaded_at.name, f"cast({age} as double)"))
    return result


def _share(column: RawColumn, check: str, bad: str, among: str) -> Measurement:
    count = f"count(*) filter (where {bad})"
    sql = f"coalesce(cast({count} as double) / nullif(count(*) filter (where {among}), 0), 0)"
    return Measurement(f"{column.name}: {check}", check, column.name, sql)


def _repeated(casts: Casts, readable: Readable) -> Measurement:
    key = readable.table.gate.key
    cells = ", ".join(f"{quoted(name)}" for name in key)
    tuple_of = cells if len(key) == 1 else f"row({cells})"
    filled = " and ".join(casts.present(name) for name in key)
    exact = readable.size <= EXACT_KEYS_UP_TO_BYTES
    distinct = f"count(distinct {tuple_of})" if exact else f"approx_count_distinct({tuple_of})"
    sql = (
        f"coalesce(1 - least(1, cast({distinct} filter (where {filled}) as double)"
        f" / nullif(count(*) filter (where {filled}), 0)), 0)"
    )
    return Measurement("unique", "unique" if exact else "unique (estimated)", ", ".join(key), sql)


def _holds_no_text(column: RawColumn, readable: Readable) -> bool:
    return column.data_type != "text" and _is_typed(column, readable.types[column.name])


def _present(casts: Casts, column: RawColumn, readable: Readable) -> str:
    """SQL: the cell holds something. Blank text holds nothing, and only text can be blank."""
    if _holds_no_text(column, readable):
        return f"{quoted(column.name)} is not null"
    return casts.present(column.name)


def _is_typed(column: RawColumn, kind: str) -> bool:
    return column.data_type == "text" or kind.startswith(_TYPED[column.data_type])


def measure(
    connection: duckdb.DuckDBPyConnection, readable: Readable, wanted: Sequence[Measurement], into: str
) -> dict[str, float | None]:
    """Takes all measurements of a table in one scan and keeps them as the one row of the table `into`.

    Raises duckdb.Error when the files break while being read.
    """
    cells = ",\n    ".join(f"cast({item.sql} as double) as {quoted(item.name)}" for item in wanted)
    connection.execute(f"create table {quoted(into)} as select\n    {cells}\nfrom {readable.table.location}")
    row = connection.execute(f"select * from {quoted(into)}").fetchone()
    assert row is not None
    return {item.name: value for item, value in zip(wanted, row, strict=True)}


def first_uncastable(
    connection: duckdb.DuckDBPyConnection, casts: Casts, readable: Readable, column: RawColumn
) -> tuple[Path, int] | None:
    """File and 1-based data row of the first cell of a column that cannot be read as its type.

    Never the cell itself.
    """
    bad = f"{casts.present(column.name)} and ({casts.value(column)}) is null"
    pattern = readable.table.paths[0]
    for file in readable.files:
        location = readable.table.location.replace(f"'{pattern}'", f"'{file}'")
        found = connection.execute(
            f"select min(place) from (select row_number() over () as place, {quoted(column.name)} from {location})"
            f" where {bad}"
        ).fetchone()
        if found is not None and found[0] is not None:
            return file, int(found[0])
    return None
