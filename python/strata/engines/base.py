"""What Strata asks of an engine, so that loading, publishing and comparing know none of them by name.

One module an engine, named after dbt's adapter (strata/engines/postgres.py), with one function:

    open_engine(project: Project, settings: Mapping[str, Any], environment: Mapping[str, str]) -> Engine

settings: the output of profiles.yml that the target names, rendered. environment: see Engine.environment.
Modules are imported when their engine is used, so that nobody needs the packages of the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import duckdb

from strata.project import Project


@dataclass(frozen=True)
class Loaded:
    """What a load put into raw schemas. tables, rows: how many of them."""

    tables: int
    rows: int


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
