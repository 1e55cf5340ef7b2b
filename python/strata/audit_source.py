"""Where the audit looks: the build file of DuckDB, or the schemas that dbt built in on another engine."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

import duckdb

from strata.errors import BuildError
from strata.gx import Session, open_session
from strata.project import Project
from strata.publish import PublicTable
from strata.sql import literal, quoted


class AuditSource(Protocol):
    """Built tables, for reading only."""

    @property
    def place(self) -> str:
        """Where they are, in words for a person."""
        ...

    def columns(self, table: PublicTable) -> tuple[str, ...]:
        """The columns of a built table, in order; none when it is not there."""
        ...

    def name_tables(self, tables: Sequence[PublicTable]) -> None:
        """Lets queries say the names that readers will use."""
        ...

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a query in standard SQL."""
        ...

    def session(self) -> AbstractContextManager[Session]:
        """Great Expectations over the built tables."""
        ...


class DuckDBSource:
    """The build file. Raises BuildError when it cannot be opened."""

    def __init__(self, project: Project) -> None:
        self._project = project
        try:
            self._connection = duckdb.connect()
            self._connection.execute(f"attach {literal(str(project.build_db))} as build (read_only)")
        except duckdb.Error as error:
            raise BuildError(
                f"{project.shown(project.build_db)} cannot be opened: {str(error).splitlines()[0]}",
                "run `strata build` first",
            ) from error

    @property
    def place(self) -> str:
        """The build file, as a person would type it."""
        return str(self._project.shown(self._project.build_db))

    def columns(self, table: PublicTable) -> tuple[str, ...]:
        """The columns of a built table, in order; none when it is not there."""
        rows = self._connection.execute(
            "select column_name from duckdb_columns() where database_name = 'build' and schema_name = ?"
            " and table_name = ? order by column_index",
            [table.schema, table.identifier],
        ).fetchall()
        return tuple(str(name) for (name,) in rows)

    def name_tables(self, tables: Sequence[PublicTable]) -> None:
        """Views of the readers' names over the build."""
        for table in tables:
            place = f"build.{quoted(table.schema)}.{quoted(table.identifier)}"
            self._connection.execute(f"create view {quoted(table.name)} as select * from {place}")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self._connection.execute(sql).fetchall()

    def session(self) -> AbstractContextManager[Session]:
        """Great Expectations over the file, which this source no longer holds."""
        self._connection.close()
        return open_session(self._project.build_db)

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()


@contextmanager
def duckdb_source(project: Project) -> Iterator[DuckDBSource]:
    """The build file of a project, open for the audit."""
    source = DuckDBSource(project)
    try:
        yield source
    finally:
        source.close()
