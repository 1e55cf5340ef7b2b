"""DuckDB: models read the raw files in place, and the build is one file."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import duckdb

from strata.engines.base import Loaded
from strata.errors import BuildError
from strata.project import Project
from strata.sql import literal, quoted


class DuckDBEngine:
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
        alias = f"build_of_{self._target}"
        try:
            connection.execute(f"attach if not exists {literal(str(self._project.build_db))} as {alias} (read_only)")
            return connection.sql(f"select * from {alias}.{quoted(schema)}.{quoted(identifier)}")
        except duckdb.Error as error:
            raise BuildError(
                f"{schema}.{identifier} cannot be read from {self._project.shown(self._project.build_db)}:"
                f" {str(error).splitlines()[0]}",
                "run `strata build` first",
            ) from error

    def close(self) -> None:
        """Nothing is held between calls."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_engine(project: Project, settings: Mapping[str, Any], environment: Mapping[str, str]) -> DuckDBEngine:
    """The engine of a DuckDB target."""
    return DuckDBEngine(project, project.target or "dev", environment)
