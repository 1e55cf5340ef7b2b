"""Product events are read by staging as the gate judges them, whatever type their times come in, and quickly."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from conftest import ROOT
from laboratory import Laboratory
from strata.gate.casts import load_casts
from strata.gate.sources import ColumnMeta, RawColumn

MODEL = "stg_segment__tracks_read"
MOMENT = datetime(2024, 1, 1, 10, 0, 0, 123_000)

# As connectors and data frames land one moment.
KINDS = {
    "microseconds": "timestamp '2024-01-01 10:00:00.123'",
    "microseconds, UTC": "timestamptz '2024-01-01 10:00:00.123+00'",
    "nanoseconds": "timestamp_ns '2024-01-01 10:00:00.123'",
    "nanoseconds, UTC": "cast('2024-01-01 10:00:00.123+00' as timestamptz_ns)",
    "milliseconds since 1970": "1704103200123",
    "text": "'2024-01-01 10:00:00.123'",
    "text, UTC": "'2024-01-01T10:00:00.123Z'",
    "text with an offset": "'2024-01-01T12:00:00.123+02:00'",
    "text of milliseconds": "'1704103200123'",
}
OTHERS = {"a date": ("date '2024-01-01'", datetime(2024, 1, 1)), "no time": ("'noon'", None)}
AS_LANDED = "read_parquet('raw/segment/tracks/*.parquet', union_by_name = true)"


@pytest.fixture(scope="module")
def staging(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The model, reading the table `landed`."""
    laboratory = Laboratory(tmp_path_factory.mktemp("staging"), [MODEL])
    sql = laboratory.sql(MODEL)
    laboratory.close()
    assert AS_LANDED in sql
    return sql.replace(AS_LANDED, "landed")


def landed(file: Path, cell: str) -> duckdb.DuckDBPyConnection:
    """A connection that sees one event, whose times are that cell, as `landed`."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(
        f"copy (select 'e' as id, 'u' as user_id, 'w' as context_group_id, 'signed_in' as event,"
        f" {cell} as \"timestamp\", {cell} as received_at) to '{file}' (format parquet)"
    )
    connection.execute(f"create view landed as from read_parquet('{file}', union_by_name = true)")
    return connection


@pytest.mark.parametrize("kind", [*KINDS, *OTHERS])
def test_staging_reads_a_time_as_the_gate_does(staging: str, tmp_path: Path, kind: str) -> None:
    cell, moment = OTHERS.get(kind) or (KINDS[kind], MOMENT)
    judged = load_casts(ROOT).value(RawColumn("timestamp", "timestamp", ColumnMeta()))
    with landed(tmp_path / "events.parquet", cell) as connection:
        assert connection.execute(f"select {judged} from landed").fetchall() == [(moment,)]
        read = connection.execute(f"select occurred_at, loaded_at, broken_reason from ({staging})").fetchall()
    assert read == [(moment, moment, None if moment else "not_a_timestamp")]


@pytest.mark.parametrize("kind", ["microseconds", "microseconds, UTC", "nanoseconds"])
def test_a_typed_time_skips_blocks_of_the_file_and_is_never_text(staging: str, tmp_path: Path, kind: str) -> None:
    """Or a daily run reads all of a hundred million events, and each of them as text."""
    asked = f"explain select event from ({staging}) where occurred_at >= timestamp '2024-01-01'"
    # Of an event alone DuckDB sees before it reads whether it is asked for.
    cell = f"{KINDS[kind]} - to_days(cast(unnest([0, 9]) as integer))"
    with landed(tmp_path / "events.parquet", cell) as connection:
        ((_, plan),) = connection.execute(asked).fetchall()
    scan = plan[plan.index("READ_PARQUET") :]
    assert "timestamp >=" in " ".join(scan.split()), plan
    assert "regexp" not in plan
