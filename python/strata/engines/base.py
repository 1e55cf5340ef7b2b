"""What Strata asks of an engine, so that loading, publishing and comparing know none of them by name.

One module an engine, named after dbt's adapter (strata/engines/postgres.py), with one function:

    open_engine(project: Project, settings: Mapping[str, Any], environment: Mapping[str, str]) -> Engine

settings: the output of profiles.yml that the target names, rendered. environment: see Engine.environment.
Modules are imported when their engine is used, so that nobody needs the packages of the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

import duckdb

from strata.project import Project

if TYPE_CHECKING:
    from strata.audit_source import AuditSource
    from strata.last_build import WholeBuild
    from strata.ledger import Publication
    from strata.publish import PublicTable


@dataclass(frozen=True)
class Loaded:
    """What a load put into raw schemas. tables, rows: how many of them."""

    tables: int
    rows: int


class Closing:
    """Leaving it closes it."""

    def close(self) -> None:
        """Gives back what is held."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Engine(Protocol):
    """One target of profiles.yml, open for work. Also a context manager: leaving it closes its connections."""

    @property
    def target(self) -> str:
        """The name in profiles.yml."""
        ...

    @property
    def environment(self) -> Mapping[str, str]:
        """What dbt must find in its environment to build where this engine looks; for run_dbt."""
        ...

    def load(self, project: Project) -> Loaded:
        """Puts the raw tables of the project's systems where its models read them, each replaced whole.

        An engine that reads the files in place does nothing. Raises InputError when a raw table cannot be read.
        """
        ...

    def read_table(
        self, connection: duckdb.DuckDBPyConnection, schema: str, identifier: str
    ) -> duckdb.DuckDBPyRelation:
        """All rows of a table or view that dbt built, as a relation of `connection`, which is in-memory.

        schema, identifier: as dbt's manifest names them. Values arrive exactly: decimals as DECIMAL of the declared
        precision and scale, dates as DATE, times without zone as TIMESTAMP, whole numbers as INTEGER or BIGINT, text
        as VARCHAR with null and '' kept apart. Columns keep their order. Raises BuildError when the table is not there.
        """
        ...

    def close(self) -> None:
        """Gives back every connection."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class PublishingEngine(Engine, Protocol):
    """An engine that Strata can also audit and publish on."""

    @property
    def readers_find(self) -> str:
        """Where readers find the published tables, in words for a person."""
        ...

    def lock(self) -> AbstractContextManager[None]:
        """Keeps every other build out of this place, on whatever machine it runs. Raises LockedError."""
        ...

    def heal(self) -> None:
        """Clears away what a killed build or publication left. Only under the lock."""
        ...

    def audit_source(self) -> AbstractContextManager[AuditSource]:
        """The built tables, for the audit. Raises BuildError when they cannot be read."""
        ...

    def publish(self, manifest: Mapping[str, Any], tables: Sequence[PublicTable], built: WholeBuild) -> Publication:
        """Puts the audited tables in place for readers, all at once, and returns the new row of the ledger.

        built: the run that made them, and its day. Only under the lock. Raises PublishError when anything stands in the
        way; readers then keep what they had.
        """
        ...

    def published_tables(self) -> Sequence[str]:
        """The names that readers see; none before the first publication."""
        ...

    def read_published(self, connection: duckdb.DuckDBPyConnection, name: str) -> duckdb.DuckDBPyRelation:
        """A published table as a relation of `connection`, exactly as read_table gives it."""
        ...
