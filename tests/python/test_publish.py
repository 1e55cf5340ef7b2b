"""Publishing: readers see the old tables or the new ones, whole, whatever happens to the publisher."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import digest, read_ledger
from strata.build import audit_and_publish
from strata.engines import open_publisher
from strata.errors import BuildError, PublishError
from strata.last_build import WholeBuild
from strata.ledger import COLUMNS
from strata.project import Project, load_project
from strata.publish import STORAGE_HEADER, clean_up, public_tables, publish, storage_header

ROWS = 2000


def node(name: str, **more: Any) -> dict[str, Any]:
    """A model as dbt's manifest describes it; public and under models/marts unless told otherwise."""
    return {
        "resource_type": "model",
        "name": name,
        "alias": name,
        "schema": "main",
        "access": "public",
        "original_file_path": f"models/marts/core/{name}.sql",
        "config": {"materialized": "table"},
        "description": f"One row per thing in {name}.\n",
        "columns": {"id": {"description": "It's the key."}, "generation": {"description": ""}},
        "version": None,
        **more,
    }


MANIFEST: Mapping[str, Any] = {
    # That of the last dbt command, which may have been another one than the build.
    "metadata": {"invocation_id": "run-2"},
    "nodes": {
        "model.strata.dim_things": node("dim_things"),
        "model.strata.fct_things": node("fct_things"),
        "model.strata.stg_things": node(
            "stg_things", access="private", original_file_path="models/staging/stg_things.sql"
        ),
        "model.strata.hidden": node("hidden", access="protected"),
        "seed.strata.policy_versions": node(
            "policy_versions",
            resource_type="seed",
            schema="policy",
            original_file_path="seeds/policy/policy_versions.csv",
        ),
        "test.strata.sound_rows_dim_things": {
            "resource_type": "test",
            "test_metadata": {"name": "sound_rows", "kwargs": {"key": ["id"]}},
            "attached_node": "model.strata.dim_things",
            "config": {"where": None},
        },
    },
}


def fill(project: Project, generation: int) -> None:
    """A build file whose public tables all say of which generation they are, in their rows and by their number."""
    project.build_db.unlink(missing_ok=True)
    with duckdb.connect(str(project.build_db)) as connection:
        for name in ("dim_things", "fct_things", "stg_things", "hidden"):
            connection.execute(
                f"create table {name} as select i as id, {generation} as generation, repeat('x', 50) as filler"
                f" from range({ROWS + generation}) as numbers(i)"
            )
        connection.execute("create schema policy")
        connection.execute(
            "create table policy.policy_versions as select * from (values"
            " ('v1', date '2000-01-01', date '2026-01-01'), ('v2', date '2026-01-01', null)"
            ") as versions(policy_version, valid_from, valid_to)"
        )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "dbt_project.yml").write_text("name: things\nvars: {as_of_date: '2026-06-30'}\n", encoding="utf-8")
    made = load_project(tmp_path)
    made.warehouse.mkdir()
    fill(made, 1)
    return made


def publish_now(project: Project) -> None:
    publish(project, MANIFEST, public_tables(MANIFEST), WholeBuild("run-1", project.as_of))


def query(project: Project, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(project.published_db), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_public_tables_alone_are_published(project: Project) -> None:
    publish_now(project)
    found = query(project, "select schema_name, table_name from duckdb_tables() order by table_name")
    assert found == [("main", "dim_things"), ("main", "fct_publications"), ("main", "fct_things")]
    assert query(project, "select count(*) from dim_things") == [(ROWS + 1,)]


def test_latest_version_of_a_model_has_the_plain_name(project: Project) -> None:
    old = node("dim_things", alias="dim_things_v1", version=1, latest_version=2)
    new = node("dim_things", alias="dim_things_v2", version=2, latest_version=2)
    tables = public_tables({"nodes": {"model.strata.a": old, "model.strata.b": new}})
    assert [(table.name, table.identifier) for table in tables] == [
        ("dim_things", "dim_things_v2"),
        ("dim_things_v1", "dim_things_v1"),
    ]


def test_grain_is_that_of_the_test(project: Project) -> None:
    assert {table.name: table.grain for table in public_tables(MANIFEST)} == {"dim_things": ("id",), "fct_things": ()}


def test_descriptions_travel_with_the_tables(project: Project) -> None:
    publish_now(project)
    assert query(project, "select comment from duckdb_tables() where table_name = 'dim_things'") == [
        ("One row per thing in dim_things.",)
    ]
    commented = query(
        project,
        "select column_name, comment from duckdb_columns() where table_name = 'fct_things' and comment is not null",
    )
    assert commented == [("id", "It's the key.")]
    ledger = query(
        project, "select count(*) from duckdb_columns() where table_name = 'fct_publications' and comment is null"
    )
    assert ledger == [(0,)]


def test_file_is_readable_by_older_clients_and_read_only(project: Project) -> None:
    publish_now(project)
    head = project.published_db.read_bytes()[:20]
    assert head[8:12] == b"DUCK"
    assert int.from_bytes(head[12:20], "little") == 67 == STORAGE_HEADER == storage_header(project.published_db)
    assert project.published_db.stat().st_mode & 0o777 == 0o444
    left = {path.name for path in project.warehouse.iterdir()}
    assert left == {"build.duckdb", "strata.duckdb"}


@pytest.mark.slow
def test_file_opens_in_duckdb_1_5(project: Project, tmp_path: Path) -> None:
    publish_now(project)
    venv = tmp_path / "older"
    uv = Path(sys.executable).with_name("uv")
    if not uv.exists():
        pytest.skip("no uv to make the environment of an older client with")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, venv], check=True)
    python = venv / "bin" / "python"
    got = subprocess.run(
        [uv, "pip", "install", "--quiet", "--python", python, "duckdb==1.5.6"],
        capture_output=True,
        text=True,
        check=False,
    )
    if got.returncode != 0:
        pytest.skip("duckdb 1.5.6 cannot be had from the package index here")
    code = (
        "import duckdb, sys; assert duckdb.__version__ == '1.5.6';"
        "print(duckdb.connect(sys.argv[1], read_only=True).execute("
        "'select (select count(*) from dim_things), (select policy_version from fct_publications)').fetchall())"
    )
    read = subprocess.run([python, "-c", code, project.published_db], capture_output=True, text=True, check=True)
    assert read.stdout.strip() == f"[({ROWS + 1}, 'v2')]"


def test_ledger_says_what_was_published(project: Project) -> None:
    before = datetime.now(UTC).replace(tzinfo=None)
    publish_now(project)
    (entry,) = read_ledger(project.published_db)
    assert before <= entry.published_at <= datetime.now(UTC).replace(tzinfo=None)
    assert (entry.as_of_date, entry.policy_version, entry.dbt_invocation_id) == (date(2026, 6, 30), "v2", "run-1")
    assert (entry.table_count, entry.row_count) == (2, 2 * (ROWS + 1))


def test_ledger_grows_by_a_row_a_publication_and_forgets_none(project: Project) -> None:
    publish_now(project)
    publish_now(project)
    fill(project, 2)
    publish_now(replace(project, as_of=date(2025, 12, 31)))
    first, same, changed = read_ledger(project.published_db)
    # Equal content has an equal hash and is recorded all the same.
    assert first.content_hash == same.content_hash != changed.content_hash
    assert len({first.publication_id, same.publication_id, changed.publication_id}) == 3
    assert [entry.policy_version for entry in (first, same, changed)] == ["v2", "v2", "v1"]


def test_content_hash_does_not_see_the_order_of_rows(project: Project) -> None:
    publish_now(project)
    with duckdb.connect(str(project.build_db)) as connection:
        connection.execute("create or replace table dim_things as select * from dim_things order by id desc")
    publish_now(project)
    first, second = read_ledger(project.published_db)
    assert first.content_hash == second.content_hash


def test_ledger_of_an_older_version_is_carried_over(project: Project) -> None:
    with duckdb.connect(str(project.published_db)) as connection:
        connection.execute(
            "create table fct_publications as select 'old' as publication_id, timestamp '2020-01-01' as published_at"
        )
    publish_now(project)
    old, new = read_ledger(project.published_db)
    assert (old.publication_id, old.content_hash) == ("old", None)
    assert new.policy_version == "v2"
    assert list(COLUMNS) == [name for name, *_ in query(project, "describe fct_publications")]


def test_reader_keeps_the_file_it_has_open(project: Project) -> None:
    publish_now(project)
    reader = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb, sys\n"
            "connection = duckdb.connect(sys.argv[1], read_only=True)\n"
            "count = lambda: connection.execute('select count(*) from dim_things').fetchone()[0]\n"
            "print(count(), flush=True); sys.stdin.readline(); print(count(), flush=True)",
            str(project.published_db),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout is not None
    assert reader.stdout.readline() == f"{ROWS + 1}\n"
    fill(project, 2)
    publish_now(project)
    out, _ = reader.communicate("\n")
    assert out == f"{ROWS + 1}\n"
    assert query(project, "select count(*) from dim_things") == [(ROWS + 2,)]


def test_failure_leaves_what_readers_have(project: Project) -> None:
    publish_now(project)
    before = digest(project.published_db)
    with duckdb.connect(str(project.build_db)) as connection:
        connection.execute("drop table fct_things")
    with pytest.raises(PublishError, match=r"fct_things"):
        publish_now(project)
    assert digest(project.published_db) == before
    assert clean_up(project) == []


def test_damaged_published_file_is_not_replaced_in_silence(project: Project) -> None:
    project.published_db.write_bytes(b"not a database at all" * 100)
    before = digest(project.published_db)
    with pytest.raises(PublishError):
        publish_now(project)
    assert digest(project.published_db) == before


def test_policy_that_covers_no_version_is_refused(project: Project) -> None:
    with pytest.raises(PublishError, match="no policy version is in force on 1999-01-01"):
        publish_now(replace(project, as_of=date(1999, 1, 1)))
    assert not project.published_db.exists()


PUBLISH_FOREVER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_publish import MANIFEST, fill, publish_now
from strata.project import load_project
project = load_project(Path(sys.argv[1]))
generation = int(sys.argv[3])
while True:
    generation += 1
    fill(project, generation)
    print(generation, flush=True)
    publish_now(project)
"""


def see(project: Project) -> int:
    """What a reader sees now; every table must be whole and of one generation."""
    with duckdb.connect(str(project.published_db), read_only=True) as connection:
        seen = connection.execute(
            "select min(generation), max(generation), count(*) from dim_things"
            " union all select min(generation), max(generation), count(*) from fct_things"
        ).fetchall()
        ledger = connection.execute(
            "select row_count from fct_publications order by published_at desc, publication_id desc limit 1"
        ).fetchone()
    generation = int(seen[0][0])
    assert seen == [(generation, generation, ROWS + generation)] * 2
    assert ledger == (2 * (ROWS + generation),)
    return generation


def test_killed_at_any_moment_readers_see_whole_tables_and_the_next_one_heals(project: Project) -> None:
    publish_now(project)
    chance = random.Random(7)
    seen: set[int] = set()
    faults: list[BaseException] = []
    done = threading.Event()

    def read_on() -> None:
        while not done.is_set():
            try:
                seen.add(see(project))
            except BaseException as fault:
                faults.append(fault)
                return

    reader = threading.Thread(target=read_on)
    reader.start()
    left_behind = 0
    try:
        for _ in range(12):
            generation = see(project)
            publisher = subprocess.Popen(
                [sys.executable, "-c", PUBLISH_FOREVER, str(project.root), str(Path(__file__).parent), str(generation)],
                stdout=subprocess.PIPE,
                text=True,
            )
            assert publisher.stdout is not None
            # Killed while it publishes for the first, second or third time, at a moment that chance decides.
            for _ in range(chance.randrange(1, 4)):
                publisher.stdout.readline()
            time.sleep(chance.uniform(0, 0.15))
            publisher.send_signal(signal.SIGKILL)
            publisher.wait()
            publisher.stdout.close()
            left_behind += len(list(project.warehouse.glob(".strata.duckdb.*")))
            assert see(project) >= generation
    finally:
        done.set()
        reader.join()
    assert not faults, faults[0]
    assert len(seen) > 3
    assert left_behind > 0, "no publication was killed half-way; the moments are chosen badly"
    generations = see(project)
    fill(project, generations + 1)
    publish_now(project)
    assert see(project) == generations + 1
    assert not [path for path in os.listdir(project.warehouse) if path.startswith(".")]


def test_tables_of_another_engine_are_not_published_as_those_of_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The manifest is that of the last build, on whatever engine it was."""
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path))
    (tmp_path / "manifest.json").write_text('{"metadata": {"adapter_type": "postgres"}, "nodes": {}}')
    project = load_project(Path(__file__).resolve().parents[2])
    with open_publisher(project) as engine, pytest.raises(BuildError, match="on postgres, not on duckdb"):
        audit_and_publish(project, engine)
