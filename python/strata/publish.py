"""Puts the audited tables where readers find them: a new file beside the old, complete and checked, then one rename.

A reader that has the old file open keeps it; whoever opens the path afterwards gets the new one; nobody ever sees a
part. A publication that is killed leaves a hidden file behind, which the next one removes.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

import strata
from strata.errors import PublishError
from strata.feed import RECORDS as FEED_RECORDS
from strata.feed import TABLE as FEED
from strata.feed import write_changes
from strata.last_build import WholeBuild
from strata.ledger import TABLE as LEDGER
from strata.ledger import Publication, write_ledger
from strata.project import Project
from strata.sql import literal, quoted

# What DuckDB clients from 1.4 on can open; the number is what the file's header then says.
STORAGE_VERSION = "v1.4.0"
STORAGE_HEADER = 67
_MAGIC_AT, _MAGIC = 8, b"DUCK"
_SPILL = ".strata-spill"


@dataclass(frozen=True)
class PublicTable:
    """A table for readers. name.

    As published; schema, identifier: where it is in the build file; grain: columns of its key.
    """

    name: str
    schema: str
    identifier: str
    description: str
    columns: Mapping[str, str]
    grain: tuple[str, ...]


def public_tables(manifest: Mapping[str, Any]) -> list[PublicTable]:
    """The models under models/marts whose access is public, by name.

    Of a versioned model the latest has the plain name.
    """
    found: list[PublicTable] = []
    grains = _grains(manifest)
    for unique_id, node in manifest["nodes"].items():
        if node["resource_type"] != "model" or node.get("access") != "public":
            continue
        if (
            not str(node["original_file_path"]).startswith("models/marts/")
            or node["config"]["materialized"] == "ephemeral"
        ):
            continue
        latest = node.get("version") is not None and node["version"] == node.get("latest_version")
        found.append(
            PublicTable(
                name=node["name"] if latest else node["alias"],
                schema=node["schema"],
                identifier=node["alias"],
                description=_one_line(node["description"]),
                columns={name: _one_line(column["description"]) for name, column in node["columns"].items()},
                grain=grains.get(unique_id, ()),
            )
        )
    return sorted(found, key=lambda table: table.name)


def _grains(manifest: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The key of each model as its `sound_rows` test declares it."""
    grains: dict[str, tuple[str, ...]] = {}
    for node in manifest["nodes"].values():
        test = node.get("test_metadata") or {}
        key = (test.get("kwargs") or {}).get("key")
        if test.get("name") == "sound_rows" and key and node.get("attached_node") and not node["config"].get("where"):
            grains.setdefault(node["attached_node"], tuple(key))
    return grains


def publish(
    project: Project, manifest: Mapping[str, Any], tables: Sequence[PublicTable], built: WholeBuild
) -> Publication:
    """Publishes the public tables of the build file and returns the new row of the ledger. built: the run they are of.

    The caller holds the build lock and has audited the tables. Raises PublishError when anything stands in the way;
    readers then keep what they had.
    """
    if not tables:
        raise PublishError(
            "the project has no public table", "models under models/marts with access: public are published"
        )
    clean_up(project)
    unfinished = project.published_db.with_name(f".{project.published_db.name}.{os.getpid()}.tmp")
    try:
        publication, rows = _write(project, manifest, tables, built, unfinished)
        _make_durable(unfinished)
        _verify(unfinished, rows)
        unfinished.chmod(0o444)
        os.replace(unfinished, project.published_db)
        _make_durable(project.warehouse)
    except (duckdb.Error, OSError) as error:
        raise PublishError(
            f"publishing to {project.shown(project.published_db)} failed: {str(error).splitlines()[0]}",
            "readers keep what they had; see that the folder is writable and has space, then run `strata publish`",
        ) from error
    finally:
        clean_up(project)
    return publication


def clean_up(project: Project) -> list[Path]:
    """Removes what a killed publication left behind and returns it. Only under the build lock."""
    left = sorted(project.warehouse.glob(f".{project.published_db.name}.*.tmp*"))
    for path in left:
        path.unlink(missing_ok=True)
    shutil.rmtree(project.warehouse / _SPILL, ignore_errors=True)
    return left


def storage_header(path: Path) -> int:
    """The storage version in a DuckDB file's header. Raises PublishError when it is no DuckDB file."""
    with path.open("rb") as file:
        head = file.read(_MAGIC_AT + 12)
    if head[_MAGIC_AT : _MAGIC_AT + 4] != _MAGIC:
        raise PublishError(f"{path} is not a DuckDB file", "move it aside and build again")
    return int.from_bytes(head[_MAGIC_AT + 4 : _MAGIC_AT + 12], "little")


def _write(
    project: Project,
    manifest: Mapping[str, Any],
    tables: Sequence[PublicTable],
    built: WholeBuild,
    unfinished: Path,
) -> tuple[Publication, dict[str, int]]:
    with duckdb.connect() as connection:
        connection.execute(f"set temp_directory = {literal(str(project.warehouse / _SPILL))}")
        connection.execute(f"attach {literal(str(project.build_db))} as build (read_only)")
        connection.execute(f"attach {literal(str(unfinished))} as published (storage_version '{STORAGE_VERSION}')")
        before = None
        if project.published_db.exists():
            connection.execute(f"attach {literal(str(project.published_db))} as before (read_only)")
            before = "before"
        rows = {table.name: _copy(connection, table) for table in tables}
        digest = _content_hash(connection, tables, rows)
        now = datetime.now(UTC).replace(tzinfo=None)
        publication = Publication(
            publication_id=f"{now:%Y%m%dT%H%M%S%f}-{digest[:8]}",
            published_at=now,
            as_of_date=built.as_of,
            policy_version=_policy_version(connection, built.as_of, manifest),
            project_version=project_version(project),
            dbt_invocation_id=built.invocation_id,
            table_count=len(tables),
            row_count=sum(rows.values()),
            content_hash=digest,
        )
        write_ledger(connection, "published", before, publication)
        rows[LEDGER] = _count(connection, "published", LEDGER)
        if FEED_RECORDS in rows:
            write_changes(connection, "published", before, publication)
            rows[FEED] = _count(connection, "published", FEED)
        connection.execute("checkpoint published")
        connection.execute("detach published")
    return publication, rows


def _copy(connection: duckdb.DuckDBPyConnection, table: PublicTable) -> int:
    target = f"published.main.{quoted(table.name)}"
    source = f"build.{quoted(table.schema)}.{quoted(table.identifier)}"
    connection.execute(f"create table {target} as select * from {source}")
    if table.description:
        connection.execute(f"comment on table {target} is {literal(table.description)}")
    there = {str(row[0]) for row in connection.execute(f"describe {target}").fetchall()}
    for name, description in table.columns.items():
        if description and name in there:
            connection.execute(f"comment on column {target}.{quoted(name)} is {literal(description)}")
    return _count(connection, "published", table.name)


def _count(connection: duckdb.DuckDBPyConnection, database: str, table: str) -> int:
    row = connection.execute(f"select count(*) from {database}.main.{quoted(table)}").fetchone()
    assert row is not None
    return int(row[0])


def _content_hash(connection: duckdb.DuckDBPyConnection, tables: Sequence[PublicTable], rows: Mapping[str, int]) -> str:
    """Of names, types and rows in any order.

    DuckDB's row hash may change with its version, so the version is part of it.
    """
    digest = hashlib.sha256(duckdb.__version__.encode())
    for table in tables:
        name = f"published.main.{quoted(table.name)}"
        shape = [(str(row[0]), str(row[1])) for row in connection.execute(f"describe {name}").fetchall()]
        cells = ", ".join(quoted(column) for column, _ in shape)
        total = connection.execute(f"select sum(cast(hash({cells}) as hugeint)) from {name}").fetchone()
        digest.update(repr((table.name, shape, rows[table.name], total)).encode())
    return digest.hexdigest()


def _policy_version(connection: duckdb.DuckDBPyConnection, as_of: date, manifest: Mapping[str, Any]) -> str:
    """The policy version in force on a day, from the seed policy_versions as it was built."""
    seed = policy_versions_seed(manifest)
    row = connection.execute(
        f"select policy_version from build.{quoted(seed[0])}.{quoted(seed[1])}"
        " where cast(valid_from as date) <= ? and (valid_to is null or ? < cast(valid_to as date))"
        " order by valid_from desc, policy_version desc limit 1",
        [as_of, as_of],
    ).fetchone()
    if row is None:
        raise no_policy_version(as_of)
    return str(row[0])


def policy_versions_seed(manifest: Mapping[str, Any]) -> tuple[str, str]:
    """Schema and name of the seed policy_versions as it was built. Raises PublishError when the project has none."""
    for node in manifest["nodes"].values():
        if node["resource_type"] == "seed" and node["name"] == "policy_versions":
            return str(node["schema"]), str(node["alias"])
    raise PublishError("the project has no seed policy_versions", "restore seeds/policy/policy_versions.csv")


def no_policy_version(as_of: date) -> PublishError:
    """What to raise when none covers the as-of date."""
    return PublishError(
        f"no policy version is in force on {as_of}",
        "give one a validity that covers it, in policy_versions.csv",
    )


def project_version(project: Project) -> str:
    """The version and, in a git checkout, the commit; `+changed` when tracked files differ from it."""

    def git(*arguments: str) -> str | None:
        try:
            done = subprocess.run(
                ["git", "-C", str(project.root), *arguments], capture_output=True, text=True, check=True, timeout=10
            )
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout.strip()

    commit = git("rev-parse", "--short=12", "HEAD")
    if commit is None:
        return strata.__version__
    return f"{strata.__version__}+{commit}{'.changed' if git('status', '--porcelain', '-uno') else ''}"


def _make_durable(path: Path) -> None:
    """The bytes, or the folder's entries, are on the disk and not only in its cache."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _verify(path: Path, rows: Mapping[str, int]) -> None:
    """The closed file, opened as a reader would open it, has every row, and older clients can open it too."""
    if path.with_name(path.name + ".wal").exists():
        raise PublishError(f"{path.name} was not written out completely", "run `strata publish` again")
    if (header := storage_header(path)) != STORAGE_HEADER:
        raise PublishError(
            f"the file was written in storage version {header}, readers need {STORAGE_HEADER}",
            "install the locked duckdb",
        )
    with duckdb.connect(str(path), read_only=True) as connection:
        for name, expected in rows.items():
            row = connection.execute(f"select count(*) from {quoted(name)}").fetchone()
            if row is None or row[0] != expected:
                raise PublishError(f"{name} lost rows on the way to the file", "run `strata publish` again")


def _one_line(text: str) -> str:
    return " ".join(text.split())
