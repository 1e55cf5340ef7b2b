"""DuckDB: models read the raw files in place, and the build is one file."""

import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any

import duckdb

from strata.audit_source import AuditSource, duckdb_source
from strata.console import say
from strata.engines.base import Closing, Loaded
from strata.errors import BuildError, LockedError
from strata.last_build import WholeBuild
from strata.ledger import Publication
from strata.project import Project
from strata.publish import PublicTable, clean_up, publish
from strata.sql import literal, quoted

# What DuckDB says where another process has a file open, where what it read is damaged, and where that was the log, of
# what is not in the file yet. All else (no right to open it, no memory, too many open files, a newer version) says
# nothing of what is in the file, which holds the observed history.
LOCKED = "could not set lock on file"
DAMAGED = ("not a valid duckdb database file", "corrupt", "could not read enough bytes", "serialization error")
LOG = "failure while replaying wal file"


class DuckDBEngine(Closing):
    """The build file of a warehouse."""

    def __init__(self, project: Project, target: str, environment: Mapping[str, str]) -> None:
        self._project = project
        self._target = target
        self._environment = environment

    @property
    def target(self) -> str:
        """The name in profiles.yml."""
        return self._target

    @property
    def environment(self) -> Mapping[str, str]:
        """What dbt must find in its environment."""
        return self._environment

    def load(self, project: Project) -> Loaded:
        """Nothing to do: models read the files in place."""
        return Loaded(0, 0)

    def read_table(
        self, connection: duckdb.DuckDBPyConnection, schema: str, identifier: str
    ) -> duckdb.DuckDBPyRelation:
        """All rows of a table of the build file, which is attached to `connection` read-only for good."""
        alias = quoted(f"build_of_{self._target}")
        try:
            connection.execute(f"attach if not exists {literal(str(self._project.build_db))} as {alias} (read_only)")
            return connection.sql(f"select * from {alias}.{quoted(schema)}.{quoted(identifier)}")
        except duckdb.Error as error:
            raise BuildError(
                f"{schema}.{identifier} cannot be read from {self._project.shown(self._project.build_db)}:"
                f" {str(error).splitlines()[0]}",
                "run `strata build` first",
            ) from error

    @property
    def readers_find(self) -> str:
        """The published file."""
        return str(self._project.shown(self._project.published_db))

    def lock(self) -> AbstractContextManager[None]:
        """The lock on the warehouse folder, which every command takes, is enough."""
        return nullcontext()

    def heal(self) -> None:
        """Clears away what a killed build left. A build file that is damaged is moved aside, or its log alone.

        Raises LockedError when another program has the build file open, BuildError when it cannot be opened for any
        other reason than that it is damaged.
        """
        project = self._project
        for path in clean_up(project):
            say(f"  removed {path.name}, left by a publication that was stopped")
        if not project.build_db.exists():
            return
        try:
            duckdb.connect(str(project.build_db)).close()
        except duckdb.Error as error:
            self._set_aside(error)
            self.heal()

    def _set_aside(self, error: duckdb.Error) -> None:
        """Moves the build file, or only its log, out of the way where the error says that it is damaged."""
        path = self._project.build_db
        log = path.with_name(path.name + ".wal")
        shown, reason = self._project.shown(path), str(error).splitlines()[0]
        # Without the path: a folder may have any name.
        words = str(error).replace(str(path), "").lower()
        if LOCKED in words:
            raise LockedError(
                f"{shown} is open in another program: {reason}",
                "close it there; read strata.duckdb instead, which is never locked",
            ) from error
        parts = [part for part in (path, log) if part.exists()]
        readable = all(os.access(part, os.R_OK) for part in parts)
        if not readable or not any(one in words for one in DAMAGED):
            raise BuildError(
                f"{shown} cannot be opened: {reason}",
                "mend what it names and run it again; the file stays where it is, for it holds the observed history,"
                " what the sources said before: only who can do without that moves it away",
            ) from error
        lost = "building anew: the observed history in it, what the sources said before, begins anew, too"
        if LOG in words and log in parts:
            parts, lost = [log], "what the file itself holds is kept"
        aside = f"{path.name}.broken-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        places = {part: path.with_name(aside + part.name.removeprefix(path.name)) for part in parts}
        name = parts[0].name
        say(f"  {name} cannot be opened ({reason}); kept as {places[parts[0]].name}, {lost}", style="yellow")
        for part, place in places.items():
            part.replace(place)

    def audit_source(self) -> AbstractContextManager[AuditSource]:
        """The build file."""
        return duckdb_source(self._project)

    def publish(self, manifest: Mapping[str, Any], tables: Sequence[PublicTable], built: WholeBuild) -> Publication:
        """Swaps the published file; see strata.publish."""
        return publish(self._project, manifest, tables, built)

    def published_tables(self) -> Sequence[str]:
        """The tables of the published file."""
        if not self._project.published_db.is_file():
            return ()
        with duckdb.connect(str(self._project.published_db), read_only=True) as connection:
            return [str(row[0]) for row in connection.execute("show tables").fetchall()]

    def read_published(self, connection: duckdb.DuckDBPyConnection, name: str) -> duckdb.DuckDBPyRelation:
        """A table of the published file, which is attached to `connection` read-only for good."""
        alias = quoted(f"published_of_{self._target}")
        file = literal(str(self._project.published_db))
        connection.execute(f"attach if not exists {file} as {alias} (read_only)")
        return connection.sql(f"select * from {alias}.main.{quoted(name)}")

    def close(self) -> None:
        """Nothing is held between calls."""


def open_engine(project: Project, settings: Mapping[str, Any], environment: Mapping[str, str]) -> DuckDBEngine:
    """The engine of a DuckDB target."""
    return DuckDBEngine(project, project.target or "dev", environment)
