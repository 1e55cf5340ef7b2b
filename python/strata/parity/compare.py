"""Compares one table as two engines built it, by its key, value by value and without tolerance.

Both copies lie in one in-memory DuckDB, so that every value is compared by the same rules: 1.50 equals 1.5, an empty
text is not null, 'a' is not 'A'.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb

from strata.errors import StrataError
from strata.sql import quoted

# Keys shown of what differs; the rest is counted.
SHOWN_KEYS = 3


@dataclass(frozen=True)
class TableResult:
    """What the comparison of one table found.

    left_rows, right_rows: rows on either engine. missing_left: keys that only the right one has; missing_right: keys
    that only the left one has. unequal: column -> rows whose values differ. columns: differences of the columns
    themselves, as sentences. examples: keys of what differs, as text.
    """

    table: str
    left: str
    right: str
    left_rows: int
    right_rows: int
    missing_left: int
    missing_right: int
    unequal: dict[str, int] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()

    @property
    def differences(self) -> int:
        """All of them together; 0 is the same table."""
        return self.missing_left + self.missing_right + sum(self.unequal.values()) + len(self.columns)


@dataclass(frozen=True)
class Copy:
    """A table of one engine. engine: its target. relation: the name of the copy in the connection."""

    engine: str
    relation: str


def compare(
    connection: duckdb.DuckDBPyConnection, table: str, key: Sequence[str], left: Copy, right: Copy
) -> TableResult:
    """Compares two copies of a table. key: the columns that identify a row, never null.

    Raises StrataError when a copy lacks a column of the key.
    """
    left_types, right_types = (_types(connection, copy) for copy in (left, right))
    for copy, types in ((left, left_types), (right, right_types)):
        if absent := [name for name in key if name not in types]:
            raise StrataError(
                f"{table} has no column {absent[0]} on {copy.engine}, which its sound_rows test calls part of its key",
                "correct the test in the yml of the model",
            )
    shared = [name for name in left_types if name in right_types and name not in key]
    columns = [
        *(f"{name} is missing on {right.engine}" for name in left_types if name not in right_types),
        *(f"{name} is missing on {left.engine}" for name in right_types if name not in left_types),
        *(
            f"{name} is {left_types[name]} on {left.engine} and {right_types[name]} on {right.engine}"
            for name in [*key, *shared]
            if _family(left_types[name]) != _family(right_types[name])
        ),
    ]
    # A column whose type differs in kind is told as such; its values cannot be compared with any meaning.
    comparable = [name for name in shared if _family(left_types[name]) == _family(right_types[name])]
    joined = _joined(key, comparable, left, right)
    counts = ", ".join(f"count(*) filter (where {quoted(f'differs {name}')})" for name in comparable)
    row = connection.execute(
        f"""
        select
            count(*) filter (where has_left), count(*) filter (where has_right),
            count(*) filter (where not has_left), count(*) filter (where not has_right){", " + counts if counts else ""}
        from ({joined}) as joined
        """
    ).fetchone()
    assert row is not None
    unequal = {name: int(count) for name, count in zip(comparable, row[4:], strict=True) if count}
    differing = " or ".join(["not has_left", "not has_right", *(quoted(f"differs {name}") for name in unequal)])
    found = connection.execute(
        f"select {', '.join(quoted(name) for name in key)} from ({joined}) as joined where {differing}"
        f" order by all limit {SHOWN_KEYS}"
    ).fetchall()
    examples = tuple(", ".join(f"{name} {value}" for name, value in zip(key, values, strict=True)) for values in found)
    return TableResult(
        table=table,
        left=left.engine,
        right=right.engine,
        left_rows=int(row[0]),
        right_rows=int(row[1]),
        missing_left=int(row[2]),
        missing_right=int(row[3]),
        unequal=unequal,
        columns=tuple(columns),
        examples=examples,
    )


def _joined(key: Sequence[str], columns: Sequence[str], left: Copy, right: Copy) -> str:
    """Every key of either copy, numbered where it repeats, with a flag per column whose values differ."""

    def numbered(copy: Copy) -> str:
        keys = ", ".join(quoted(name) for name in key)
        return (
            f"(select *, row_number() over (partition by {keys} order by all_columns) as occurrence from"
            f" (select *, cast(source as varchar) as all_columns from {quoted(copy.relation)} as source) as texts)"
        )

    keys = [*(quoted(name) for name in key), "occurrence"]
    on = " and ".join(f"l.{name} is not distinct from r.{name}" for name in keys)
    merged = ", ".join(f"coalesce(l.{name}, r.{name}) as {name}" for name in keys[:-1])
    both = "has_left and has_right"
    flags = "".join(
        f", {both} and l.{quoted(name)} is distinct from r.{quoted(name)} as {quoted(f'differs {name}')}"
        for name in columns
    )
    return (
        f"select {merged}, l.occurrence is not null as has_left, r.occurrence is not null as has_right{flags}"
        f" from {numbered(left)} as l full join {numbered(right)} as r on {on}"
    )


def _types(connection: duckdb.DuckDBPyConnection, copy: Copy) -> dict[str, str]:
    rows = connection.execute(f"describe {quoted(copy.relation)}").fetchall()
    return {str(row[0]): str(row[1]) for row in rows}


def _family(kind: str) -> str:
    """Types whose values mean the same when they are equal: whole numbers of any width, and so on."""
    if kind in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"):
        return "whole number"
    # The declared scale is part of a public column: money at four digits here and two there is a difference.
    return kind
