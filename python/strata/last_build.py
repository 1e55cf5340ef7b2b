"""What the last run of dbt left where it builds: for which day, and whether readers may have it.

Every run writes the day into int_snapshots; a whole one also leaves the row of macros/whole_builds.sql.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb

from strata.errors import BuildError, PublishError

if TYPE_CHECKING:
    from strata.engines import Engine

SNAPSHOTS = "int_snapshots"
WHOLE_BUILD = "whole_build"


@dataclass(frozen=True)
class WholeBuild:
    """A run that built and tested everything. invocation_id: dbt's own id of it; as_of: the day it was for."""

    invocation_id: str
    as_of: date


def whole_build(engine: Engine, manifest: Mapping[str, Any]) -> WholeBuild:
    """The run that made the tables that stand there.

    Raises PublishError when they are not those of a whole run, BuildError when nothing can be read there.
    """
    schema = _schema(manifest)
    with duckdb.connect() as connection:
        engine.read_table(connection, schema, SNAPSHOTS)
        try:
            found = engine.read_table(connection, schema, WHOLE_BUILD).project("invocation_id, as_of_date").fetchall()
        except BuildError:
            found = []
    if not found:
        raise PublishError(
            "the last run of dbt was not a whole build: it failed, was stopped, or built or tested only a part;"
            " nothing was published",
            "run `strata build`",
        )
    return WholeBuild(str(found[0][0]), found[0][1])


def _schema(manifest: Mapping[str, Any]) -> str:
    """The schema that both tables are in."""
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and node["name"] == SNAPSHOTS:
            return str(node["schema"])
    raise BuildError(f"the project has no model {SNAPSHOTS}", "restore it in models/features/time")
