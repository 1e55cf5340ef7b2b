"""The benchmark: what it measures is what it says, and a small run gives every figure."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import ROOT, Ended
from engines_needed import without_extra
from postgres_server import Server, running_server
from strata.bench import docs, report
from strata.bench.company import Company, deliver, first_month
from strata.bench.config import make_config
from strata.bench.figures import (
    Bench,
    BuildFigures,
    DbtFigures,
    FloorFigures,
    IncrementFigures,
    Machine,
    PeerFigures,
    SizeFigures,
    StepFigures,
)
from strata.bench.measure import Cost, run_measured
from strata.bench.nodes import KindTime, NodeTime, read_nodes
from strata.bench.peers import FEATURES
from strata.engines.profile import read_target
from strata.errors import InputError
from strata.gate.sources import GateOptions, RawTable
from strata.project import load_project

Strata = Callable[..., Ended]


# --- memory -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("limit", "share"), [("6GB", "4.8GB"), ("80%", "64.0%"), ("1.5 GiB", "1.2 GiB")])
def test_duckdb_gets_four_fifths_of_the_limit_of_the_process(limit: str, share: str) -> None:
    target = read_target(load_project(ROOT), {"STRATA_MEMORY_LIMIT": limit})
    assert target.settings["config_options"]["memory_limit"] == share
    duckdb.connect(config={"memory_limit": share}).close()


# --- nodes ------------------------------------------------------------------------------------------------------------


def result(unique_id: str, seconds: float, status: str = "success", compiled: float = 0.0) -> dict[str, Any]:
    start = dt.datetime(2026, 6, 30, 12)
    end = start + dt.timedelta(seconds=compiled)
    timing = [{"name": "compile", "started_at": start.isoformat() + "Z", "completed_at": end.isoformat() + "Z"}]
    return {"unique_id": unique_id, "status": status, "execution_time": seconds, "timing": timing}


RUN_RESULTS = {
    "elapsed_time": 20.0,
    "results": [
        result("model.strata.small", 0.5),
        result("model.strata.dim_accounts.v1", 3.0, compiled=0.25),
        result("test.strata.sound_rows_dim_accounts.0123456789", 2.5, "pass"),
        result("seed.strata.bands", 1.0),
        *(result(f"model.strata.m{number}", 1.0 + number / 10) for number in range(4)),
        result("model.strata.after_a_failure", 0.0, "skipped"),
        result("exposure.strata.board", 0.0, "no-op"),
    ],
}


def test_run_results_become_a_table_of_nodes() -> None:
    table = read_nodes(RUN_RESULTS)
    assert table.elapsed == 20.0
    assert [node.name for node in table.slowest] == ["dim_accounts.v1", "sound_rows_dim_accounts", "m3", "m2", "m1"]
    assert table.nodes[0] == NodeTime("dim_accounts.v1", "model", 3.0, 0.25, 0.15)
    # More than a tenth of 20 seconds.
    assert [node.name for node in table.large] == ["dim_accounts.v1", "sound_rows_dim_accounts"]
    assert [(kind.kind, kind.nodes) for kind in table.kinds] == [("model", 6), ("test", 1), ("seed", 1)]
    assert table.kinds[0].seconds == pytest.approx(8.1)
    assert table.node_seconds == pytest.approx(11.6)
    assert table.seconds_of(["m0", "m1", "sound_rows_dim_accounts"]) == pytest.approx(2.1)


def test_a_run_without_nodes_is_no_error() -> None:
    table = read_nodes({"elapsed_time": 0, "results": []})
    assert (table.nodes, table.kinds, table.large, table.node_seconds) == ((), (), (), 0)


# --- measuring --------------------------------------------------------------------------------------------------------


def python(code: str, **limits: float) -> Any:
    return run_measured([sys.executable, "-c", code], ROOT, os.environ, **limits)


def test_time_and_peak_are_those_of_the_child() -> None:
    # The parent is made large first: its size must not be taken for the child's.
    ballast = bytearray(os.urandom(1) * 300_000_000)
    small = python("import time; time.sleep(0.3)")
    large = python("import time; held = bytearray(b'x' * 200_000_000); time.sleep(0.3); del held; time.sleep(0.2)")
    assert len(ballast) == 300_000_000
    assert 0.3 <= small.cost.seconds < 10
    assert small.cost.cpu_seconds < small.cost.seconds
    if Path("/proc/self/status").exists():
        assert 1 < small.cost.peak_mb < 100
    assert 190 < large.cost.peak_mb < 700
    assert (small.code, small.stopped) == (0, None)


def test_a_child_beyond_its_limits_is_stopped_and_told_from_one_that_failed() -> None:
    slow = python("import time; time.sleep(60)", seconds=0.5)
    assert (slow.stopped, slow.code < 0) == ("time", True)
    assert slow.cost.seconds < 30
    if Path("/proc/self/status").exists():
        greedy = python("import time; held = bytearray(b'x' * 400_000_000); time.sleep(60)", memory_mb=150)
        assert greedy.stopped == "memory"
    broken = python("import sys; sys.stderr.write('so it goes'); sys.exit(3)")
    assert (broken.code, broken.stopped, broken.words) == (3, None, "so it goes")


# --- companies --------------------------------------------------------------------------------------------------------


def test_history_begins_with_the_first_observed_month() -> None:
    assert first_month(dt.date(2026, 6, 30), 24) == dt.date(2024, 7, 1)
    assert first_month(dt.date(2026, 1, 15), 3) == dt.date(2025, 11, 1)
    assert first_month(dt.date(2026, 12, 31), 12) == dt.date(2026, 1, 1)


def test_rows_are_delivered_on_the_day_they_arrived_and_none_is_lost(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    for table, select in {
        "tracks": """
            select i as id, timestamp '2026-05-30' + to_hours(cast(i as integer)) as received_at from range(770) as t(i)
            union all select 1000, null
        """,
        "user": "select 1 as id, timestamp '2026-06-30 20:00' as _fivetran_synced",
    }.items():
        (raw / "shop" / table).mkdir(parents=True)
        duckdb.sql(f"copy ({select}) to '{raw}/shop/{table}/part-0.parquet' (format parquet)")
    tables = [
        RawTable("shop", name, f"read_parquet('{raw}/shop/{name}/*.parquet')", (), (), gate, Path(), "raw_shop")
        for name, gate in {
            "tracks": GateOptions(loaded_at="received_at"),
            "user": GateOptions(loaded_at="_fivetran_synced"),
        }.items()
    ]
    company = Company(100, 3, dt.date(2026, 6, 30), raw, 771, 772, None)
    arrived = deliver(company, tables, 2, tmp_path / "arrived")

    def ids(folder: Path) -> list[int]:
        rows = duckdb.sql(f"select id from read_parquet('{folder}/shop/tracks/*.parquet') order by id").fetchall()
        return [row[0] for row in rows]

    # From 30 May on an hour apart: 30 days and the row without a time before, 24 hours of the 29th, the rest after.
    assert ids(arrived.before) == [*range(720), 1000]
    assert ids(arrived.days[0]) == [*range(744), 1000]
    assert ids(arrived.days[1]) == [*range(770), 1000]
    assert arrived.rows == (24, 26)
    names = sorted(path.name for path in (arrived.days[1] / "shop" / "tracks").iterdir())
    assert [name[:12] for name in names] == [
        "part-2026-05", "part-2026-06", "part-2026-06", "part-2026-06", "part-unknown",
    ]  # fmt: skip
    assert [path.name for path in (arrived.before / "shop" / "user").iterdir()] == ["part-0.parquet"]


def test_sizes_keep_their_events_an_account_and_month(tmp_path: Path) -> None:
    config = make_config(
        accounts=1000, events=2_400_000, increment_accounts=500, growth=(4, 2), history=(12, 6, 6), out=tmp_path
    )
    assert config.growth == (1, 2, 4)
    assert config.history == (6, 12)
    assert config.sizes == (1000, 2000, 4000)
    assert config.events_of(4000) == 9_600_000
    assert config.events_of(500, 6) == 300_000
    assert config.is_peer_size(2000)
    assert not config.model_copy(update={"peer_accounts": (700,)}).is_peer_size(2000)
    assert config.model_copy(update={"peer_accounts": (700,)}).sizes == (700, 1000, 2000, 4000)


# --- figures ----------------------------------------------------------------------------------------------------------


def cost(seconds: float, peak_mb: float = 500) -> Cost:
    return Cost(seconds, seconds * 1.5, peak_mb)


def build(seconds: float, elapsed: float, peak_mb: float = 500) -> BuildFigures:
    node = NodeTime("int_user_days", "model", elapsed / 8, 0.1, 0.125)
    kinds = (KindTime("model", 100, elapsed), KindTime("test", 90, elapsed / 2))
    return BuildFigures(cost(seconds, peak_mb), elapsed, 190, elapsed * 1.5, kinds, (node,), (node,))


def size(accounts: int, factor: float) -> SizeFigures:
    floor = FloorFigures(cost(10 * factor, 400), {"roll up": 4 * factor, "write the public tables": 5 * factor})
    return SizeFigures(
        accounts, 24, accounts * 1000, accounts * 1500, accounts * 900, cost(3), build(18 * factor, 10 * factor,
        400 * factor), floor, 1,
    )  # fmt: skip


def increment(months: int, day: float) -> IncrementFigures:
    return IncrementFigures(months, 1000, 40_000 * months, 1300, build(20, 12), build(day + 6, day))


BENCH = Bench(
    measured_on="2026-11-22",
    machine=Machine("Linux x86_64", 2, 23.5, "3.11.7", "1.11.16", "2.0.0"),
    accounts=1000,
    memory_limit_mb=8192,
    dbt=DbtFigures(cost(2), cost(9), cost(4), cost(8)),
    steps=StepFigures(cost(1.5), cost(2)),
    sizes=(size(1000, 1), size(4000, 4.2)),
    increments=(increment(6, 0.5), increment(24, 0.7)),
    peers=(
        PeerFigures("polars", 1000, 900_000, 6.0, 2000.0, 2.0, 1.0, None, None),
        PeerFigures("postgres", 1000, 900_000, None, None, 2.0, None, "time", None),
    ),
)


def test_ratios_are_held_against_the_limits_of_the_project() -> None:
    found = {item.name: item for item in report.ratios(BENCH)}
    assert (found["build ÷ floor"].value, found["build ÷ floor"].met) == (1.8, True)
    assert found["build ÷ floor without dbt's start"].value == 1.0
    assert found["dbt's start and parse ÷ build"].value == pytest.approx(8 / 18)
    assert (found["slowest node ÷ build"].value, found["slowest node ÷ build"].met) == (0.125, False)
    assert found["gate ÷ build"].met is True
    assert (found["growth of time"].value, found["growth of time"].limit) == (4.2, pytest.approx(4.4))
    assert found["peak memory ÷ limit"].value == pytest.approx(1680 / 8192)
    assert found["a day ÷ 24 months"].met is False
    assert found["a day ÷ 6 months"].limit is None
    assert (found["a day at 24 ÷ 6 months"].value, found["a day at 24 ÷ 6 months"].met) == (1.4, False)
    assert found["polars ÷ ours"].value == 3.0
    assert "postgres ÷ ours" not in found


def test_a_run_read_back_is_the_same_run(tmp_path: Path) -> None:
    report.write_bench(BENCH, tmp_path / "bench.json")
    assert report.read_bench(tmp_path / "bench.json") == BENCH
    (tmp_path / "other.json").write_text('{"measured": {}}', encoding="utf-8")
    with pytest.raises(InputError, match="no result of this version"):
        report.read_bench(tmp_path / "other.json")


def test_the_page_gets_its_figures_and_keeps_what_people_wrote(tmp_path: Path) -> None:
    if find_spec("vl_convert") is None:
        without_extra("bench", "vl_convert")
    page = tmp_path / docs.PAGE
    page.parent.mkdir()
    shutil.copyfile(ROOT / docs.PAGE, page)
    told = page.read_text(encoding="utf-8").replace("\n## Daily", "\n| int_x | 9 | 3 | sorted |\n\n## Daily")
    page.write_text(told, encoding="utf-8")
    docs.write_docs(BENCH, tmp_path)
    once = page.read_text(encoding="utf-8")
    assert "| build ÷ floor | 1.80 | ≤ 2 | yes |" in once
    assert "| postgres | 1,000 | 900,000 |  | 2.0 |  |  | stopped at its limit of time |" in once
    assert "| int_x | 9 | 3 | sorted |" in once
    assert "Not measured" not in once
    # A run that leaves a part out leaves no figures of an earlier run there.
    docs.write_docs(replace(BENCH, peers=()), tmp_path)
    without = page.read_text(encoding="utf-8")
    assert "stopped at its limit" not in without
    assert without.count("*Not measured in this run.*") == 1
    docs.write_docs(BENCH, tmp_path)
    assert page.read_text(encoding="utf-8") == once
    assert (tmp_path / docs.PLOT).read_text(encoding="utf-8").lstrip().startswith("<svg")
    page.write_text(once + "\n<!-- bench: nonsense -->\n<!-- bench end -->\n", encoding="utf-8")
    with pytest.raises(InputError, match="section `nonsense`"):
        docs.write_docs(BENCH, tmp_path)


# --- peers ------------------------------------------------------------------------------------------------------------

EVENTS = """
    select
        'account ' || (i % 7) as account_id,
        case when i % 11 > 0 then 'user ' || (hash(i) % 9) end as user_id,
        case when i % 5 > 0 then 'feature ' || (hash(i * 3) % 6) end as feature,
        timestamp '2026-03-05' + to_days(cast(hash(i * 7) % 90 as integer))
            + to_seconds(cast(hash(i) % 86400 as integer)) as occurred_at
    from range(400) as numbers(i)
    where i % 7 < 3 or hash(i * 7) % 90 not between 20 and 60
"""
# Sundays from before the first event to after the last, and a Tuesday.
SNAPSHOTS = """
    select cast(day as date) as snapshot_date
    from range(timestamp '2026-02-01', timestamp '2026-06-30', interval 7 day) as days(day)
    union all
    select date '2026-05-12'
"""


@pytest.fixture
def asked(tmp_path: Path) -> tuple[str, str, str]:
    """Files with events and snapshots, and one for the answer."""
    events, snapshots = str(tmp_path / "events.parquet"), str(tmp_path / "snapshots.parquet")
    duckdb.execute(f"copy ({EVENTS}) to '{events}' (format parquet)")
    duckdb.execute(f"copy ({SNAPSHOTS}) to '{snapshots}' (format parquet)")
    return events, snapshots, str(tmp_path / "result.parquet")


def expected() -> list[tuple[Any, ...]]:
    """Written once more, by the definition."""
    return duckdb.sql(
        f"""
        select
            account_id, snapshot_date, count(distinct cast(occurred_at as date)), count(*), count(distinct user_id),
            count(distinct feature)
        from ({EVENTS}) as events
        inner join ({SNAPSHOTS}) as snapshots
            on cast(occurred_at as date) between snapshot_date - 27 and snapshot_date
        group by account_id, snapshot_date
        order by all
        """
    ).fetchall()


def answer(file: str) -> list[tuple[Any, ...]]:
    return duckdb.sql(f"select account_id, snapshot_date, {', '.join(FEATURES)} from '{file}' order by all").fetchall()


def test_polars_computes_the_features_it_is_timed_for(asked: tuple[str, str, str]) -> None:
    if find_spec("polars") is None:
        without_extra("bench", "polars")
    from strata.bench.peers.in_polars import compute

    compute(*asked)
    assert len(expected()) > 80
    assert answer(asked[2]) == expected()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    yield from running_server()


def test_postgres_computes_the_features_it_is_timed_for(server: Server, asked: tuple[str, str, str]) -> None:
    command = [sys.executable, "-m", "strata.bench.peers.in_postgres", *asked]
    environment = {**os.environ, **server.environment}
    done = subprocess.run([*command, "60"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["seconds"] > 0
    assert answer(asked[2]) == expected()
    late = subprocess.run([*command, "0.0001"], env=environment, capture_output=True, text=True, check=False)
    assert json.loads(late.stdout)["seconds"] == -1
    # Nothing is left there.
    assert server.rows("select * from pg_namespace where nspname = 'strata_bench'") == []


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--accounts", "5"], "--accounts: "),
        (["--growth", "1,two"], "--growth: `1,two` is no list of numbers"),
        (["--history", "2"], "--history: "),
        (["--peer-accounts", "3"], "--peer-accounts: "),
        (["--from", "nowhere.json"], "nowhere.json cannot be read"),
    ],
)
def test_bad_option_is_one_message(strata: Strata, tmp_path: Path, arguments: list[str], message: str) -> None:
    ended = strata("bench", "--project-dir", ROOT, "--out", tmp_path / "bench", *arguments)
    assert ended.code == 1
    assert ended.out == ""
    assert message in ended.err
    assert ended.err.count("error:") == 1
    assert not (tmp_path / "bench" / "raw").exists()


def test_an_earlier_run_is_told_again_and_strictly(strata: Strata, tmp_path: Path) -> None:
    report.write_bench(BENCH, tmp_path / "bench.json")
    told = ("bench", "--project-dir", ROOT, "--out", tmp_path, "--from", tmp_path / "bench.json")
    ended = strata(*told)
    assert ended.code == 0
    assert "build ÷ floor" in ended.out
    assert "warning: a day at 24 ÷ 6 months is 1.40, over 1.2" in ended.err
    strict = strata(*told, "--strict", "--json")
    assert strict.code == 1
    assert json.loads(strict.out)["measured"]["accounts"] == 1000
    assert "error: a day at 24 ÷ 6 months is 1.40, over 1.2" in strict.err


@pytest.mark.slow
def test_a_small_run_gives_every_figure(tmp_path: Path) -> None:
    out = tmp_path / "bench"
    environment = {**os.environ, "STRATA_BUILD_DB": str(tmp_path / "of_somebody_else.duckdb")}
    environment.pop("STRATA_PG_HOST", None)
    done = subprocess.run(
        [
            sys.executable, "-m", "strata", "bench", "--project-dir", str(ROOT),
            "--accounts", "50", "--events", "20000", "--months", "3", "--growth", "1", "--history", "3",
            "--memory-limit", "2GB", "--out", str(out), "--json",
        ],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    bench = report.read_bench(out / "bench.json")
    assert found == json.loads((out / "bench.json").read_text(encoding="utf-8"))

    (only,) = bench.sizes
    assert 10_000 < only.events < 40_000
    assert only.raw_rows > only.events
    assert only.public_rows > 1000
    # The floor does part of the work of the build, in the same place and with the same settings.
    assert only.build_to_floor > 1
    assert only.work_to_floor > 1
    assert set(only.floor.phases) == {"open", "roll up", "read the other raw tables", "write the public tables"}
    assert 0 < sum(only.floor.phases.values()) < only.floor.cost.seconds
    assert bench.memory_limit_mb == pytest.approx(2e9 / 1024**2, rel=0.05)
    assert 100 < only.build.cost.peak_mb < 4000

    assert 0 < only.build.elapsed < only.build.cost.seconds
    assert {kind.kind for kind in only.build.kinds} >= {"model", "test", "seed"}
    assert "unit_test" not in {kind.kind for kind in only.build.kinds}
    assert only.build.nodes == sum(kind.nodes for kind in only.build.kinds)
    assert len(only.build.slowest) == 5
    assert bench.dbt.parse_cold.cpu_seconds > bench.dbt.parse_warm.cpu_seconds > bench.dbt.start.cpu_seconds > 0
    assert bench.steps.gate.seconds > 0

    (day,) = bench.increments
    assert 0 < day.event_rows < day.events / 20
    assert 0 < day.day_to_full < 3
    assert day.day.nodes <= day.full.nodes

    peers = {peer.peer: peer for peer in bench.peers}
    assert peers["postgres"].skipped == "no server is given: STRATA_PG_HOST is not set"
    if find_spec("polars") is None:
        assert "not installed" in (peers["polars"].skipped or "")
        without_extra("bench", "polars")
    assert peers["polars"].equal_share == 1.0
    assert 0 < (peers["polars"].peer_to_ours or 0) < 100

    names = {item["name"] for item in found["ratios"]}
    assert {"build ÷ floor", "slowest node ÷ build", "peak memory ÷ limit", "a day ÷ 3 months"} <= names
    assert all(item["value"] > 0 for item in found["ratios"])
    # It keeps to its folder, and leaves only what it was asked for there.
    assert not (tmp_path / "of_somebody_else.duckdb").exists()
    assert {path.name for path in out.iterdir()} <= {"bench.json", "bench.svg", ".strata.lock"}
