"""PostgreSQL: the event table joined with the snapshots, once a feature (self_join.sql).

`python -m strata.bench.peers.in_postgres EVENTS SNAPSHOTS RESULT SECONDS` works in a schema of its own on the server
that STRATA_PG_HOST and the like name, and drops it in the end. Loading and indexing are not counted.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812

from strata.bench.peers import FEATURES
from strata.sql import literal

SCHEMA = "strata_bench"
SCRIPT = Path(__file__).with_name("self_join.sql")


def connect() -> Connection:
    """A connection to the server of the target `postgres`; a password may also lie where libpq looks for it."""
    return psycopg2.connect(
        host=os.environ["STRATA_PG_HOST"],
        port=os.environ.get("STRATA_PG_PORT") or None,
        user=os.environ.get("STRATA_PG_USER", "strata"),
        password=os.environ.get("STRATA_PG_PASSWORD") or None,
        dbname=os.environ.get("STRATA_PG_DATABASE", "strata"),
    )


def compute(events_file: str, snapshots_file: str, result_file: str, seconds: float) -> float:
    """Loads, computes, fetches; returns the seconds of computing. Raises psycopg2.Error when it takes too long."""
    connection = connect()
    try:
        with connection.cursor() as cursor, tempfile.TemporaryDirectory() as folder:
            cursor.execute(f"drop schema if exists {SCHEMA} cascade")
            cursor.execute(f"create schema {SCHEMA}")
            _load(cursor, Path(folder), "events", events_file,
                  "account_id text, user_id text, feature text, occurred_at timestamp")  # fmt: skip
            _load(cursor, Path(folder), "snapshots", snapshots_file, "snapshot_date date")
            cursor.execute(f"create index on {SCHEMA}.events (occurred_at)")
            cursor.execute(
                f"create table {SCHEMA}.metrics (account_id text, snapshot_date date, metric text, value bigint)"
            )
            connection.commit()
            connection.autocommit = True
            cursor.execute(f"vacuum analyze {SCHEMA}.events")
            cursor.execute(f"analyze {SCHEMA}.snapshots")
            started = time.perf_counter()
            for statement in SCRIPT.read_text(encoding="utf-8").format(schema=SCHEMA).split("-- feature: ")[1:]:
                left = max(0.001, seconds - (time.perf_counter() - started))
                cursor.execute(f"set statement_timeout = {int(left * 1000)}")
                cursor.execute(statement.partition("\n")[2])
            took = time.perf_counter() - started
            cursor.execute("set statement_timeout = 0")
            _fetch(cursor, Path(folder), result_file)
    finally:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"drop schema if exists {SCHEMA} cascade")
        connection.close()
    return took


def _load(cursor: psycopg2.extensions.cursor, folder: Path, table: str, file: str, columns: str) -> None:
    cursor.execute(f"create table {SCHEMA}.{table} ({columns})")
    text = folder / f"{table}.csv"
    duckdb.execute(f"copy (select * from {literal(file)}) to {literal(str(text))} (format csv, header false)")
    with text.open("rb") as stream:
        cursor.copy_expert(f"copy {SCHEMA}.{table} from stdin (format csv)", stream)
    text.unlink()


def _fetch(cursor: psycopg2.extensions.cursor, folder: Path, result_file: str) -> None:
    text = folder / "metrics.csv"
    values = ", ".join(f"max(value) filter (where metric = '{name}') as {name}" for name in FEATURES)
    with text.open("wb") as stream:
        cursor.copy_expert(
            f"copy (select account_id, snapshot_date, {values} from {SCHEMA}.metrics group by 1, 2)"
            " to stdout (format csv, header)",
            stream,
        )
    duckdb.execute(f"copy (select * from read_csv({literal(str(text))})) to {literal(result_file)} (format parquet)")


if __name__ == "__main__":
    try:
        found = {"seconds": compute(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]))}
    except psycopg2.errors.QueryCanceled:
        found = {"seconds": -1.0}
    sys.stdout.write(json.dumps(found) + "\n")
