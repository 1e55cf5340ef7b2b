"""A build file that cannot be opened: set aside where it is damaged, left alone where it is not, for it remembers."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import duckdb
import pytest
from strata.engines.duckdb import DuckDBEngine
from strata.errors import BuildError, LockedError
from strata.project import Project, load_project

ROWS = 20_000


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A build in a folder whose name has a lock in it."""
    (tmp_path / "dbt_project.yml").write_text("name: things\nvars: {as_of_date: '2026-06-30'}\n", encoding="utf-8")
    made = load_project(tmp_path, warehouse=tmp_path / "stock-clock")
    made.warehouse.mkdir()
    with duckdb.connect(str(made.build_db)) as connection:
        connection.execute(f"create table observed as select i, hash(i) as said from range({ROWS}) as numbers(i)")
    return made


def heal(project: Project) -> None:
    DuckDBEngine(project, "dev", {}).heal()


def files(project: Project) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in project.warehouse.iterdir()}


def test_a_sound_file_is_left_alone(project: Project) -> None:
    before = files(project)
    heal(project)
    assert files(project) == before


@pytest.mark.parametrize(
    "error",
    [
        duckdb.IOException('IO Error: Cannot open file "{path}": Permission denied'),
        duckdb.IOException('IO Error: Cannot open file "{path}": Too many open files'),
        duckdb.IOException('IO Error: Failure while replaying WAL file "{path}.wal": Cannot open file "{path}.wal"'),
        duckdb.IOException("IO Error: Trying to read a database file with version number 999, but we can only read 67"),
        duckdb.OutOfMemoryException("Out of Memory Error: could not allocate block of size 256.0 KiB"),
        duckdb.ConnectionException("Connection Error: Can't open a connection to same database file"),
    ],
)
def test_a_file_that_may_not_be_opened_is_left_where_it_is(
    project: Project, monkeypatch: pytest.MonkeyPatch, error: duckdb.Error
) -> None:
    """It holds what nobody says again, and nothing tells that it is damaged."""
    before = files(project)

    def refuse(*_: Any) -> NoReturn:
        raise type(error)(str(error).format(path=project.build_db))

    monkeypatch.setattr(duckdb, "connect", refuse)
    with pytest.raises(BuildError, match=r"build\.duckdb cannot be opened: ") as refused:
        heal(project)
    assert "observed history" in refused.value.remedy
    assert files(project) == before


def no_database(content: bytes) -> bytes:
    return b"cut off in the middle" * 1000


def cut_off(content: bytes) -> bytes:
    return content[:6_000]


def with_other_blocks(content: bytes) -> bytes:
    return content[:12_288] + bytes(255 - byte for byte in content[12_288:])


@pytest.mark.parametrize("damage", [no_database, cut_off, with_other_blocks])
def test_a_damaged_file_is_set_aside_and_said_to_be_forgotten(
    project: Project, capsys: pytest.CaptureFixture[str], damage: Callable[[bytes], bytes]
) -> None:
    project.build_db.write_bytes(damage(project.build_db.read_bytes()))
    before = project.build_db.read_bytes()
    heal(project)
    ((name, content),) = files(project).items()
    assert name.startswith("build.duckdb.broken-")
    assert content == before
    assert "the observed history in it" in capsys.readouterr().err


def test_a_damaged_log_is_set_aside_alone(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """A machine that lost its power may leave a log that ends in nothing; the file was whole before it."""
    subprocess.run(
        [sys.executable, "-c", "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]);"
         "c.execute('create table later as select i from range(1000) as numbers(i)'); os.kill(os.getpid(), 9)",
         str(project.build_db)], check=False,
    )  # fmt: skip
    log = project.build_db.with_name("build.duckdb.wal")
    content = log.read_bytes()
    log.write_bytes(content[: len(content) // 2] + bytes(len(content) // 2))
    heal(project)
    assert sorted(re.sub(r"-\w+", "", name) for name in files(project)) == ["build.duckdb", "build.duckdb.broken.wal"]
    said = capsys.readouterr().err
    assert "build.duckdb.wal cannot be opened" in said
    assert all(f"kept as {name}," in said for name in files(project) if "broken" in name)
    with duckdb.connect(str(project.build_db), read_only=True) as connection:
        assert connection.sql("select count(*) from observed").fetchall() == [(ROWS,)]


def test_a_file_that_is_open_elsewhere_is_locked(project: Project) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); input()",
         str(project.build_db)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(LockedError, match="is open in another program"):
            heal(project)
        holder.communicate("\n")
    assert [path.name for path in project.warehouse.iterdir()] == ["build.duckdb"]
