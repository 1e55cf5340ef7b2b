"""A PostgreSQL server of the tests: made in a temporary folder, on a free port of this machine, gone with the session.

The database orders text by the rules of a language (ICU en-US), as many do, so that an order that decides a result and
is not told to be binary is found out.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from engines_needed import without_engine
from psycopg2.extensions import connection as Connection  # noqa: N812

# Who may do anything; makes the roles. The role that builds has no right but the one to its database.
ADMIN = "postgres"
OWNER = "strata"
DATABASE = "strata"


@dataclass(frozen=True)
class Server:
    """A running server. port: on 127.0.0.1, where everybody is trusted. database: the one that the tests use."""

    port: int
    database: str = DATABASE

    @property
    def environment(self) -> dict[str, str]:
        """What points the target `postgres` of profiles.yml to it."""
        return {
            "STRATA_PG_HOST": "127.0.0.1",
            "STRATA_PG_PORT": str(self.port),
            "STRATA_PG_USER": OWNER,
            "STRATA_PG_PASSWORD": "",
            "STRATA_PG_DATABASE": self.database,
        }

    def connect(self, user: str = OWNER) -> Connection:
        """A connection in its own right."""
        return psycopg2.connect(host="127.0.0.1", port=self.port, user=user, dbname=self.database)

    def with_database(self, name: str) -> Server:
        """The same server with a new, empty database, so that what is built there stands in nobody's way."""
        connection = replace(self, database="postgres").connect(ADMIN)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                language = "template template0 locale_provider icu icu_locale 'en-US'"
                cursor.execute(
                    f"create database {name} owner {OWNER} {language if connection.server_version >= 150000 else ''}"
                )
        finally:
            connection.close()
        return replace(self, database=name)

    def rows(self, sql: str, user: str = OWNER) -> list[tuple[Any, ...]]:
        """All rows of a query; none of a statement."""
        connection = self.connect(user)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()


def generated(folder: Path, accounts: int) -> Path:
    """A generated company of 15 months in `folder`, the same whenever the number of accounts is."""
    command = [
        sys.executable, "-m", "strata", "generate", "--accounts", str(accounts), "--months", "15", "--seed", "5",
        "--as-of", "2026-06-30", "--events-per-account", "100", "--out", str(folder),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def programs() -> Path | None:
    """The folder of initdb and pg_ctl, the newest version; None when PostgreSQL is not installed."""
    if (found := shutil.which("initdb")) is not None:
        return Path(found).resolve().parent
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((path.parent for path in installed), key=lambda path: int(path.parent.name), default=None)


def running_server() -> Iterator[Server]:
    """Starts a server, and ends it. Where PostgreSQL is not installed, see engines_needed."""
    folder = programs()
    if folder is None:
        without_engine("postgres", "PostgreSQL is not installed: no initdb (Debian: apt-get install postgresql)")
    # PostgreSQL refuses to run as root, so there it runs as the user that its package made.
    user = "postgres" if os.geteuid() == 0 else None
    if user is not None and user not in {account.pw_name for account in pwd.getpwall()}:
        without_engine("postgres", "PostgreSQL does not run as root, and there is no user postgres to run it as")
    with _place() as place:
        if user is not None:
            account = pwd.getpwnam(user)
            os.chown(place, account.pw_uid, account.pw_gid)
        data, port = place / "data", _free_port()

        def run(program: str, *arguments: str) -> None:
            command = [str(folder / program), *arguments]
            done = subprocess.run(
                command, user=user, cwd=place, env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, check=False,
            )  # fmt: skip
            if done.returncode != 0:
                pytest.fail(f"{program} failed:\n{done.stdout[-2000:]}")

        run("initdb", "-D", str(data), "-A", "trust", "-U", ADMIN, "--locale=C", "-E", "UTF8")
        # What is lost with a crash would be lost with the session anyway. A lock that never comes fails a test.
        settings = f"-p {port} -k {place} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"
        settings += " -c lock_timeout=60s"
        run("pg_ctl", "-D", str(data), "-w", "-l", str(place / "log"), "-o", settings, "start")
        try:
            server = Server(port, "postgres")
            server.rows(f"create role {OWNER} login", user=ADMIN)
            yield server.with_database(DATABASE)
        finally:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")


@contextmanager
def _place() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="strata-postgres-"))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
