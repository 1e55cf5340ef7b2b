"""What the last run of dbt left where it builds: for which day, and whether readers may have it.

Every run writes the day into int_snapshots; a whole one also leaves the row of macros/whole_builds.sql.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb

from strata.errors import BuildError, InputError, PublishError
from strata.project import Project, parse_day
from strata.sql import quoted

if TYPE_CHECKING:
    from strata.engines import Engine

SNAPSHOTS = "int_snapshots"
WHOLE_BUILD = "whole_build"


@dataclass(frozen=True)
class WholeBuild:
    """A run that built and tested everything. invocation_id: dbt's own id of it; as_of: the day it was for.

    systems: the names of those it was made of, in order; None where it did not say.
    """

    invocation_id: str
    as_of: date
    systems: str | None = None


def whole_build(engine: Engine, manifest: Mapping[str, Any]) -> WholeBuild:
    """The run that made the tables that stand there.

    Raises PublishError when they are not those of a whole run, BuildError when nothing can be read there.
    """
    schema = _schema(manifest)
    with duckdb.connect() as connection:
        engine.read_table(connection, schema, SNAPSHOTS)
        try:
            row = engine.read_table(connection, schema, WHOLE_BUILD)
            # A build of an older version does not say its systems.
            said = "systems" if "systems" in row.columns else "cast(null as varchar)"
            found = row.project(f"invocation_id, as_of_date, {said}").fetchall()
        except BuildError:
            found = []
    if not found:
        raise PublishError(
            "the last run of dbt was not a whole build: it failed, was stopped, or built or tested only a part;"
            " nothing was published",
            "run `strata build`",
        )
    run, day, systems = found[0]
    return WholeBuild(str(run), day, systems)


def refuse_other_systems(project: Project, built: WholeBuild) -> None:
    """Raises InputError when the build is of other systems than the project has now, those of its company."""
    asked = ", ".join(sorted(project.variables.get("systems") or {}))
    if built.systems is not None and built.systems != asked:
        raise InputError(
            f"the last build was made of {built.systems}, and not of {asked}; nothing was published",
            "name its --company or --warehouse, set the var systems in dbt_project.yml, or run `strata build` first",
        )


def on_its_day(project: Project, day: date, named: str | None) -> Project:
    """The project on the day of its last build, whatever the var says. named: the day that a person gave.

    Raises InputError when that is another one: what was built for one day says nothing of another.
    """
    if named is not None and parse_day(named, "--as-of") != day:
        raise InputError(
            f"the last build is as of {day}, not {named}",
            f"leave --as-of out, or run `strata build --as-of {named}` first",
        )
    return replace(project, as_of=day)


def day_of_build(engine: Engine, manifest: Mapping[str, Any]) -> date:
    """The day that the last run was for, whole or not. Raises BuildError when nothing can be read there."""
    with duckdb.connect() as connection:
        return _current(engine.read_table(connection, _schema(manifest), SNAPSHOTS))


def day_of_build_file(project: Project) -> date:
    """The same of the build file of DuckDB, without what else dbt left. Raises BuildError when it cannot be read."""
    try:
        with duckdb.connect(str(project.build_db), read_only=True) as connection:
            found = connection.execute(
                "select table_schema from information_schema.tables where table_name = ?", [SNAPSHOTS]
            ).fetchall()
            if found:
                return _current(connection.table(f"{quoted(str(found[0][0]))}.{SNAPSHOTS}"))
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise BuildError(
            f"{project.shown(project.build_db)} cannot be read: {reason}", "run `strata build` first"
        ) from error
    raise BuildError(f"{project.shown(project.build_db)} has no table {SNAPSHOTS}", "run `strata build` first")


def _current(snapshots: duckdb.DuckDBPyRelation) -> date:
    days: list[date] = [day for day, current in snapshots.project("snapshot_date, is_current").fetchall() if current]
    if not days:
        raise BuildError(f"{SNAPSHOTS} has no current day", "run `strata build` first")
    return days[0]


def _schema(manifest: Mapping[str, Any]) -> str:
    """The schema that both tables are in."""
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and node["name"] == SNAPSHOTS:
            return str(node["schema"])
    raise BuildError(f"the project has no model {SNAPSHOTS}", "restore it in models/features/time")
