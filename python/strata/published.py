"""Reads the published file, and nothing else: what these functions say, any reader can check."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from strata.errors import InputError, StrataError
from strata.project import Project

Row = dict[str, Any]


class Published:
    """The published tables, opened read-only."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """The rows of a query as mappings. Raises StrataError when a table or column is not there."""
        try:
            cursor = self._connection.execute(sql, list(parameters))
            names = [str(column[0]) for column in cursor.description or []]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        except duckdb.Error as error:
            raise StrataError(
                f"the published tables lack what this command reads: {str(error).splitlines()[0]}",
                "publish again with this version: strata build",
            ) from error

    def row(self, sql: str, parameters: Sequence[object] = ()) -> Row | None:
        """The first row of a query, or None."""
        found = self.rows(sql, parameters)
        return found[0] if found else None


@contextmanager
def open_published(project: Project) -> Iterator[Published]:
    """Opens the published file for reading. Raises InputError when nothing has been published yet."""
    shown = project.shown(project.published_db)
    if not project.published_db.is_file():
        raise InputError(f"{shown}: nothing is published there yet", "run `strata build`, or name another --warehouse")
    try:
        connection = duckdb.connect(str(project.published_db), read_only=True)
    except duckdb.Error as error:
        raise StrataError(f"{shown} cannot be opened: {str(error).splitlines()[0]}", "run `strata build`") from error
    with connection:
        yield Published(connection)


def money(value: Any) -> str:
    """An amount without cents, with thousands apart; empty when there is none."""
    return "" if value is None else f"{math.floor(float(value) + 0.5):,}"
