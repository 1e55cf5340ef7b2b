"""The audit on PostgreSQL: the laws and the expectations run where the tables are."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812
from sqlalchemy import URL

from strata.errors import BuildError
from strata.gx import Session, open_session_on
from strata.publish import PublicTable
from strata.sql import quoted


class PostgresSource:
    """The schemas that dbt built in, over a connection of the audit's own."""

    def __init__(self, connection: Connection, settings: Mapping[str, Any], schema: str) -> None:
        self._connection = connection
        self._settings = settings
        self._schema = schema

    @property
    def place(self) -> str:
        """The schema of the public tables."""
        return f"schema {self._schema}"

    def columns(self, table: PublicTable) -> tuple[str, ...]:
        """The columns of a built table, in order; none when it is not there."""
        place = f"{quoted(table.schema)}.{quoted(table.identifier)}"
        rows = self._execute(
            "select attname from pg_attribute where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped"
            " order by attnum",
            [place],
        )
        return tuple(str(name) for (name,) in rows)

    def name_tables(self, tables: Sequence[PublicTable]) -> None:
        """Views of the readers' names, for this connection alone."""
        for table in tables:
            place = f"{quoted(table.schema)}.{quoted(table.identifier)}"
            self._execute(f"create temporary view {quoted(table.name)} as select * from {place}")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self._execute(sql)

    def session(self) -> AbstractContextManager[Session]:
        """Great Expectations over the schema of the public tables."""
        settings = self._settings
        url = URL.create(
            "postgresql+psycopg2",
            username=settings.get("user"),
            password=settings.get("password") or settings.get("pass") or None,
            host=settings.get("host"),
            port=settings.get("port"),
            database=settings.get("dbname") or settings.get("database"),
        )
        options = {"options": f'-csearch_path="{self._schema}"', "application_name": "strata"}
        return open_session_on(url.render_as_string(hide_password=False), options)

    def close(self) -> None:
        """Ends the connection, and the temporary views with it."""
        self._connection.close()

    def _execute(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        try:
            with self._connection, self._connection.cursor() as cursor:
                cursor.execute(sql, list(parameters) or None)
                return list(cursor.fetchall()) if cursor.description else []
        except psycopg2.Error as error:
            raise BuildError(
                f"the audit cannot read the built tables: {str(error).splitlines()[0]}", "run `strata build` first"
            ) from error
