"""PostgreSQL: raw tables lie in schemas, dbt builds in schemas of its own, readers get another one.

A company has its own schemas, as it has its own warehouse folder on DuckDB: strata_build_miaad, strata_miaad.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from strata.audit_source import AuditSource
from strata.console import say
from strata.engines.base import Closing, Loaded
from strata.engines.postgres_audit import PostgresSource
from strata.engines.postgres_publish import Publisher
from strata.engines.profile import read_target
from strata.errors import BuildError, InputError, LockedError, StrataError
from strata.last_build import WholeBuild
from strata.ledger import Publication
from strata.load.postgres import load
from strata.project import Project
from strata.publish import PublicTable
from strata.sql import literal, quoted

SCHEMA_VARIABLE = "STRATA_PG_SCHEMA"
# Roles that may read the published schema, separated by commas; stands before the var reader_roles.
READERS_VARIABLE = "STRATA_PG_READERS"

# What COPY writes for a null, so that an empty text stays one.
_NULL = r"\N"

# PostgreSQL's type, as information_schema names it -> DuckDB's. numeric carries its own precision and scale.
_TYPES: Mapping[str, str] = {
    "text": "VARCHAR",
    "character varying": "VARCHAR",
    "character": "VARCHAR",
    "boolean": "BOOLEAN",
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "real": "FLOAT",
    "double precision": "DOUBLE",
    "date": "DATE",
    "timestamp without time zone": "TIMESTAMP",
    "timestamp with time zone": "TIMESTAMPTZ",
}


class PostgresEngine(Closing):
    """A PostgreSQL database. schema: where dbt builds. published_schema: what readers may see."""

    def __init__(self, project: Project, target: str, settings: Mapping[str, Any], schema: str) -> None:
        self._project = project
        self._target = target
        self._settings = settings
        self._connection: Connection | None = None
        self.schema = schema
        suffix = f"_{project.company}" if project.company else ""
        self.published_schema = str(project.variables.get("published_schema", "strata")) + suffix
        named = os.environ.get(READERS_VARIABLE, "").split(",")
        roles = [role.strip() for role in named if role.strip()] or project.variables.get("reader_roles") or ()
        self.reader_roles = tuple(str(role) for role in roles)

    @property
    def target(self) -> str:
        """The name in profiles.yml."""
        return self._target

    @property
    def environment(self) -> Mapping[str, str]:
        """The schema to build in. Times with a zone are shown, and so fingerprinted, in UTC."""
        return {SCHEMA_VARIABLE: self.schema, "PGTZ": "UTC"}

    @property
    def connection(self) -> Connection:
        """The engine's own connection, opened when first asked for. Raises StrataError when there is no server."""
        if self._connection is None or self._connection.closed:
            self._connection = self.connect()
        return self._connection

    def connect(self) -> Connection:
        """A connection of its own. Raises StrataError when the server does not answer or refuses."""
        settings = self._settings
        try:
            connection = psycopg2.connect(
                host=settings.get("host"),
                port=settings.get("port"),
                user=settings.get("user"),
                password=settings.get("password") or settings.get("pass") or None,
                dbname=settings.get("dbname") or settings.get("database"),
                sslmode=settings.get("sslmode"),
                application_name="strata",
                connect_timeout=int(settings.get("connect_timeout") or 10),
                options="-c TimeZone=UTC -c client_min_messages=warning -c DateStyle=ISO",
            )
        except psycopg2.OperationalError as error:
            raise StrataError(
                f"PostgreSQL cannot be reached: {' '.join(str(error).split())}",
                "start the server, and say where it is with STRATA_PG_HOST, STRATA_PG_PORT, STRATA_PG_USER,"
                " STRATA_PG_PASSWORD and STRATA_PG_DATABASE",
            ) from error
        connection.set_client_encoding("UTF8")
        return connection

    @contextmanager
    def transaction(self) -> Iterator[Cursor]:
        """One transaction: kept when the block ends well, taken back when it does not."""
        with self.connection, self.connection.cursor() as cursor:
            yield cursor

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query, in a transaction of its own."""
        with self.transaction() as cursor:
            cursor.execute(sql, list(parameters) or None)
            return list(cursor.fetchall())

    def load(self, project: Project) -> Loaded:
        """Puts the raw files into the raw schemas by COPY; see strata.load.postgres."""
        return load(project, self.connection)

    def columns(self, schema: str, identifier: str) -> dict[str, str]:
        """Column -> DuckDB type, in order; empty when there is no such table."""
        found = self.rows(
            "select column_name, data_type, numeric_precision, numeric_scale from information_schema.columns"
            " where table_schema = %s and table_name = %s order by ordinal_position",
            [schema, identifier],
        )
        return {str(name): _duckdb_type(str(kind), precision, scale) for name, kind, precision, scale in found}

    def read_table(
        self, connection: duckdb.DuckDBPyConnection, schema: str, identifier: str
    ) -> duckdb.DuckDBPyRelation:
        """All rows of a table, carried over as text by COPY and read back under the types that it has there."""
        columns = self.columns(schema, identifier)
        if not columns:
            raise BuildError(f"{schema}.{identifier} is not in the database", "run `strata build` first")
        place = quoted(f"{self._target}.{schema}.{identifier}")
        with tempfile.TemporaryDirectory(prefix="strata-") as folder:
            path = Path(folder) / "rows.csv"
            with path.open("wb") as file, self.transaction() as cursor:
                cursor.copy_expert(
                    f"copy (select * from {quoted(schema)}.{quoted(identifier)})"
                    f" to stdout (format csv, null {literal(_NULL)}, force_quote *)",
                    file,
                )
            types = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in columns.items())
            connection.execute(
                f"create or replace temp table {place} as select * from read_csv({literal(str(path))}, header = false,"
                f" auto_detect = false, delim = ',', quote = '\"', escape = '\"', nullstr = {literal(_NULL)},"
                f" allow_quoted_nulls = false, max_line_size = 16777216, columns = {{{types}}})"
            )
        return connection.table(place)

    @property
    def readers_find(self) -> str:
        """The published schema."""
        return f"schema {self.published_schema}"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keeps builds on other machines out, by an advisory lock that ends with the connection.

        Raises LockedError when one is at work, and InputError when profiles.yml does not build where this looks.
        """
        if str(read_target(self._project, self.environment).settings.get("schema")) != self.schema:
            raise InputError(
                f"target {self._target} does not build in schema {self.schema}",
                f"let profiles.yml take its schema from the environment variable {SCHEMA_VARIABLE}",
            )
        key = f"strata:{self.published_schema}"
        if not self.rows("select pg_try_advisory_lock(hashtextextended(%s, 0))", [key])[0][0]:
            raise LockedError(
                f"another build is at work for schema {self.published_schema} in this database",
                "wait until it has ended, or publish elsewhere with var published_schema",
            )
        try:
            yield
        finally:
            if not self.connection.closed:
                self.rows("select pg_advisory_unlock(hashtextextended(%s, 0))", [key])

    def heal(self) -> None:
        """Drops schemas of publications that were stopped before readers saw them."""
        for name in self._publisher().clean_up():
            say(f"  removed schema {name}, left by a publication that was stopped")

    @contextmanager
    def audit_source(self) -> Iterator[AuditSource]:
        """The schemas that dbt built in."""
        source = PostgresSource(self.connect(), self._settings, self.schema)
        try:
            yield source
        finally:
            source.close()

    def publish(self, manifest: Mapping[str, Any], tables: Sequence[PublicTable], built: WholeBuild) -> Publication:
        """Swaps the schema behind the readers' views; see strata.engines.postgres_publish."""
        return self._publisher().publish(manifest, tables, built)

    def published_tables(self) -> Sequence[str]:
        """The views of the published schema."""
        found = self.rows("select viewname from pg_views where schemaname = %s order by 1", [self.published_schema])
        return [str(name) for (name,) in found]

    def read_published(self, connection: duckdb.DuckDBPyConnection, name: str) -> duckdb.DuckDBPyRelation:
        """All rows of a published view."""
        return self.read_table(connection, self.published_schema, name)

    def _publisher(self) -> Publisher:
        return Publisher(self._project, self.connection, self.published_schema, self.reader_roles)

    def close(self) -> None:
        """Closes the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def open_engine(project: Project, settings: Mapping[str, Any], environment: Mapping[str, str]) -> PostgresEngine:
    """The engine of a PostgreSQL target; connects when it is first asked for something."""
    schema = str(settings["schema"]) + (f"_{project.company}" if project.company else "")
    return PostgresEngine(project, project.target or "postgres", settings, schema)


def _duckdb_type(kind: str, precision: int | None, scale: int | None) -> str:
    if kind != "numeric":
        return _TYPES.get(kind, "VARCHAR")
    # A numeric without bounds (a sum of bigints, say) has no place in a public table; here it is kept as it is written.
    return f"DECIMAL({precision}, {scale})" if precision is not None and precision <= 38 else "VARCHAR"
