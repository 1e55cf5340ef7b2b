"""dbt commands of the tests, each in a process of its own that is forked from one which has imported dbt already.

Importing dbt takes seconds of a processor, and a session of tests runs dbt dozens of times. A process of its own it is
all the same: dbt keeps the build file open until it ends, and a test may kill it.
"""

from __future__ import annotations

import atexit
import datetime as dt
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Run:
    """A dbt command at work."""

    pid: int
    said: Path

    def wait(self) -> tuple[int, str]:
        """Waits for its end: the exit code (minus the number of the signal that killed it), and all it said."""
        code = int(_nursery().hear()["code"])
        said = self.said.read_text(encoding="utf-8", errors="replace")
        self.said.unlink()
        return code, said

    def succeed(self) -> None:
        """Waits for its end; fails the test with dbt's own words when it fails."""
        code, said = self.wait()
        if code != 0:
            pytest.fail(f"dbt failed:\n{said[-5000:]}")

    def kill(self) -> None:
        """Kills it with -9 and waits for its end."""
        os.kill(self.pid, signal.SIGKILL)
        self.wait()


class _Nursery:
    """The process that has imported dbt, and forks one at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        atexit.register(self._process.kill)

    def ask(self, order: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process that runs dbt has ended"
        answer: dict[str, Any] = json.loads(line)
        return answer


@cache
def _nursery() -> _Nursery:
    return _Nursery()


def start_dbt(
    words: Sequence[str | Path],
    *,
    database: Path,
    target: Path,
    variables: Mapping[str, Any] | None = None,
    as_of: dt.date | None = None,
    root: Path = ROOT,
) -> Run:
    """Starts a dbt command on a project. target: the folder of its results, in which it also finds what it parsed last.

    It parses anew where the vars, the database or the project differ from the last time, and not for another day: as_of
    goes through the environment. One at a time: wait for the end of one before the next is started.
    """
    arguments = [
        *words, "--project-dir", root, "--profiles-dir", root, "--target-path", target,
        # What went wrong it says on stdout; the file would repeat all SQL, which costs a twentieth of the time.
        "--log-level-file", "none", "--log-path", target / "logs",
        "--vars", json.dumps(dict(variables or {}), sort_keys=True),
    ]  # fmt: skip
    target.mkdir(parents=True, exist_ok=True)
    handle, said = tempfile.mkstemp(prefix="dbt-", suffix=".txt", dir=target)
    os.close(handle)
    environment = {**os.environ, "STRATA_BUILD_DB": str(database), "DO_NOT_TRACK": "1"}
    if as_of is not None:
        environment["STRATA_AS_OF_DATE"] = as_of.isoformat()
    nursery = _nursery()
    nursery.ask(
        {"arguments": [str(word) for word in arguments], "folder": str(root), "said": said, "environment": environment}
    )
    return Run(int(nursery.hear()["pid"]), Path(said))


def copy_parts(root: Path, *names: str) -> None:
    """Makes a project of some parts of this one. names: files and folders, as they are called from its root."""
    for name in names:
        source, copy = ROOT / name, root / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, dirs_exist_ok=True)
        else:
            shutil.copyfile(source, copy)


def compile_sql(
    sql: str,
    root: Path,
    *,
    target: str = "dev",
    environment: Mapping[str, str] | None = None,
    variables: Mapping[str, Any] | None = None,
) -> str:
    """SQL of the project's macros as dbt makes it for a target. root: becomes a project that has nothing but macros."""
    copy_parts(root, "dbt_project.yml", "profiles.yml", "macros")
    command = [
        str(Path(sys.executable).with_name("dbt")), "--quiet", "compile", "--inline", sql, "--target", target,
        "--profiles-dir", str(root), "--output", "json", "--vars", json.dumps(dict(variables or {}), sort_keys=True),
    ]  # fmt: skip
    known = {**os.environ, **(environment or {}), "STRATA_BUILD_DB": str(root / "cells.duckdb")}
    done = subprocess.run(command, cwd=root, env=known, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return str(json.loads(done.stdout)["compiled"])


def _serve() -> dict[str, Any] | None:
    """Forks for every order that comes. In a fork its order; None where no more come."""
    orders = os.fdopen(os.dup(0), "r")
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for line in orders:
        order: dict[str, Any] = json.loads(line)
        pid = os.fork()
        if pid == 0:
            orders.close()
            answers.close()
            return order
        print(json.dumps({"pid": pid}), file=answers, flush=True)
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"code": os.waitstatus_to_exitcode(status)}), file=answers, flush=True)
    return None


def _main() -> None:
    import dbt.adapters.duckdb  # noqa: F401
    from dbt.cli.main import cli

    order = _serve()
    if order is None:
        return
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    said = os.open(order["said"], os.O_WRONLY | os.O_TRUNC)
    os.dup2(said, 1)
    os.dup2(said, 2)
    cli(order["arguments"])


if __name__ == "__main__":
    _main()
