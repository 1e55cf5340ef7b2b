"""Reads the published tables, and nothing else: what these functions say, any reader can check."""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from strata.engines import PublishingEngine, open_publisher, read_target
from strata.errors import InputError, StrataError
from strata.project import Project

Row = dict[str, Any]

_WORD = re.compile(r"\w+")


class Published:
    """The published tables, opened read-only."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, fetch: Callable[[str], None] = lambda sql: None) -> None:
        """fetch: brings what a query reads into the connection, where it is not there from the start."""
        self._connection = connection
        self._fetch = fetch

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """The rows of a query as mappings. Raises StrataError when a table or column is not there."""
        self._fetch(sql)
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
    """Opens the published tables for reading. Raises InputError when nothing has been published yet."""
    if read_target(project).kind == "duckdb":
        with _open_file(project) as published:
            yield published
    else:
        with open_publisher(project) as engine, duckdb.connect() as connection:
            yield _from_engine(engine, connection)


@contextmanager
def _open_file(project: Project) -> Iterator[Published]:
    shown = project.shown(project.published_db)
    if not project.published_db.is_file():
        raise InputError(f"{shown}: nothing is published there yet", "run `strata build`, or name another --warehouse")
    try:
        connection = duckdb.connect(str(project.published_db), read_only=True)
    except duckdb.Error as error:
        raise StrataError(f"{shown} cannot be opened: {str(error).splitlines()[0]}", "run `strata build`") from error
    with connection:
        yield Published(connection)


def _from_engine(engine: PublishingEngine, connection: duckdb.DuckDBPyConnection) -> Published:
    """The tables of an engine, each copied when a query first names it: the queries are DuckDB's on every engine."""
    waiting = set(engine.published_tables())
    if not waiting:
        raise InputError(f"{engine.readers_find}: nothing is published there yet", "run `strata build`")

    def fetch(sql: str) -> None:
        for name in sorted(waiting & set(_WORD.findall(sql))):
            engine.read_published(connection, name).create(name)
            waiting.discard(name)

    return Published(connection, fetch)


def published_place(project: Project) -> str:
    """Where readers find the published tables, in words for a person."""
    with open_publisher(project) as engine:
        return engine.readers_find


def money(value: Any) -> str:
    """An amount without cents, with thousands apart; empty when there is none."""
    return "" if value is None else f"{math.floor(float(value) + 0.5):,}"
