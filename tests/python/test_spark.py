"""Spark: cells are read as on DuckDB, raw files come in and tables come back exactly, and readers see whole builds.

Needs the extra `spark` and Java; without them these tests are skipped and say so, and fail where Spark is promised.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import pytest
from engines_needed import without_engine
from strata.audit import MAY_BE_EMPTY
from strata.project import Project, load_project

if any(importlib.util.find_spec(name) is None for name in ("pyspark", "dbt.adapters.spark")):
    without_engine("spark", "the extra spark is not installed")
if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
    without_engine("spark", "Java is not installed")

from strata.engines import open_engine
from strata.engines.spark import SparkEngine
from strata.engines.spark_publish import SHOWN, Publisher
from strata.gx import Expected
from strata.last_build import WholeBuild
from strata.ledger import TABLE as LEDGER
from strata.parity import ParityOptions, run_parity
from strata.publish import PublicTable

ROOT = Path(__file__).resolve().parents[2]
# Tiny tables: starting quickly is worth more than running quickly, and an interpreted expression starts at once. With a
# compiler of one tier Java has but 48 MB for code, which a build fills.
SMALL = {
    "STRATA_SPARK_JAVA_OPTIONS": (
        "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m"
        " -Dspark.sql.codegen.wholeStage=false -Dspark.sql.codegen.factoryMode=NO_CODEGEN"
        " -Dspark.sql.adaptive.enabled=false"
    ),
    "STRATA_SPARK_SHUFFLE_PARTITIONS": "1",
}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder for the tables of one test, and the settings that suit tiny ones."""
    for name, value in SMALL.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("STRATA_SPARK_DIR", str(tmp_path / "tables"))
    monkeypatch.setenv("DO_NOT_TRACK", "1")
    return tmp_path


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Any]:
    """A session with a catalogue that ends with it."""
    from pyspark.sql import SparkSession
    from strata.engines.spark import _stop

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings = {
        "spark.master": "local[2]",
        "spark.sql.warehouse.dir": str(tmp_path / "tables"),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.shuffle.partitions": "1",
        "spark.ui.enabled": "false",
        "spark.log.level": "ERROR",
        "spark.driver.extraJavaOptions": SMALL["STRATA_SPARK_JAVA_OPTIONS"],
    }
    builder = SparkSession.builder
    for name, value in settings.items():
        builder = builder.config(name, value)
    yield builder.getOrCreate()
    _stop()


# --- cells -----------------------------------------------------------------------------------------------------------

CELLS = [
    *("", " ", "  a  ", "\u00a0x\u3000", "a\tb", "it's \\ back"),
    *("99", "99.0", "99.4", "99.5", "-99.5", "-0.00005", "0.00005", "1e3", "1.5E2", ".5", "5.", "+5", "- 5", "abc"),
    *("1,000", "12345678901", "99999999999999.99994", "99999999999999.99995", "1234567890123456789", "NaN"),
    *("TRUE", "t", "yes", "No", "0"),
    *("2024", "2024-05", "2024-05-06", "2024-5-6", "2024/05/06", "2024-05-06 10:11", "2024-05-06 10:11:12"),
    *("2024-05-06T10:11:12Z", "2024-05-06T10:11:12.5Z", "2024-05-06T10:11:12.123456789Z", "2024-05-06 10:11:12 UTC"),
    *("2024-05-06T10:11:12+02:00", "2024-05-06T10:11:12+0200", "2024-05-06T10:11:12+02", "2024-05-06 10:11:12-05:30"),
    *("2024-02-30", "2024-13-01", "2024-05-06 10", "2024-05-06T", "1714990272", "1714990272123", "17149902721"),
    *("9999-12-31T23:59:59.999Z", "10:11:12", "2024-05-06 1:2:3", "2024-05-06 10:11:12.", "20240506"),
    *("06-05-2024", "6-5-2024", "31/12/2024", "31.12.2024 10:11", "31-12-2024 10:11:12", "31-13-2024"),
    *('{"a":"b"}', '{"a":1}', '{"a":1.50}', '{"a":null}', '{"a":{"b":1}}', '{"a":[1,2]}', '{"a":"b"', "[1]", '"x"'),
    *("null", '{"a":" b "}'),
    *("Müller & Sohn GmbH", "müller + sohn", "ACME, Inc.", "Ärzte Holding AG", "Foo-Bar K K", "GmbH"),
    *("上海 Technology Co., Ltd.", "ООО Ромашка 24", "АПТЕКА 24", "Måler AB", "Øst-Vest A/S", "हिन्दी Ltd"),
    *("日本・「Systems」\u3000K.K.", "İSTANBUL Bilişim™ 🚀", "ΟΔΟΣ ΣΑΣ", "Οδος – Σας", "Fund Ⅱ", "Cafe\u0301 SA"),
    *("[\\^_`] \t…", "Łódź\u00a0½ µ²"),
    *("https://www.Example.com:80/a?b", "HTTP://foo.io", "www.x", "www.a.b", "a@B.com", "a@b@c.d", "@", "x@y"),
]

READ = """
select
    n, {{ to_text('x') }} as a_text, {{ to_integer('x') }} as an_integer, {{ to_decimal('x') }} as a_decimal,
    {{ to_boolean('x') }} as a_boolean, cast({{ to_timestamp_utc('x') }} as {{ dbt.type_string() }}) as a_time,
    cast({{ to_timestamp_day_first('x') }} as {{ dbt.type_string() }}) as a_day_first,
    {{ json_text('x', 'a') }} as json, {{ name_key('x') }} as name_key, {{ domain_of_url('x') }} as of_url,
    {{ domain_of_email('x') }} as of_email, {{ row_hash(['x']) }} as fingerprint
from cells
"""
DIVIDE = """
select
    n, {{ divide_exact('a', 'b', 2) }} as two, {{ divide_exact('a', 'b', 4) }} as four,
    {{ divide_exact('a', 'b', 9) }} as nine, {{ plain_number('a') }} as plain
from pairs
"""
COUNT_TIME = """
select
    n,
    {%- for part in ['minute', 'hour', 'day', 'month', 'quarter', 'year'] %}
    {{ dbt.datediff('a', 'b', part) }} as {{ part }}s,
    {%- endfor %}
    cast({{ dbt.dateadd('month', 'n', 'a') }} as {{ dbt.type_string() }}) as months_later,
    cast({{ dbt.dateadd('day', '-n', 'a') }} as {{ dbt.type_string() }}) as days_before,
    cast({{ local_to_utc('a', 'America/New_York') }} as {{ dbt.type_string() }}) as moment_of_local_time,
    {{ add_days('a', 40) }} as a_day, {{ local_date('a') }} as local_day
from moments
"""
LIST = """
select
    n % 3 as n,
    {{ dbt.listagg("case when n > 1 then cast(n as " ~ dbt.type_string() ~ ") end", "', '", "order by -n") }} as listed
from moments
group by n % 3
"""


def compiled(target: str, folder: Path) -> dict[str, str]:
    """The queries above as dbt writes them for a target."""
    queries = {"read": READ, "divide": DIVIDE, "count": COUNT_TIME, "list": LIST}
    inline = "\n-- cut\n".join(queries.values())
    # As dbt prints what it compiles only beside what it logs, the file it leaves is read.
    command = [sys.executable, "-m", "dbt.cli.main", "--quiet", "--no-use-colors", "compile", "--inline", inline]
    command += ["--target", target, "--profiles-dir", str(ROOT), "--project-dir", str(ROOT)]
    command += ["--target-path", str(folder / target), "--log-path", str(folder / "logs"), "--output", "json"]
    environment = {**os.environ, "STRATA_BUILD_DB": str(folder / "build.duckdb")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    text = json.loads(done.stdout[done.stdout.index("{") : done.stdout.rindex("}") + 1])["compiled"]
    return dict(zip(queries, text.split("-- cut"), strict=True))


def facts() -> duckdb.DuckDBPyConnection:
    """Cells, pairs to divide and moments to count between."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("create table cells (n integer, x varchar)")
    connection.executemany("insert into cells values (?, ?)", [*enumerate(CELLS), (len(CELLS), None)])
    connection.execute("create table pairs (n integer, a decimal(18, 4), b decimal(18, 4))")
    connection.execute(
        """
        insert into pairs
        select
            range,
            cast(cast(hash(range) % 20000000000001 as bigint) - 10000000000000 as decimal(18, 0)) * 0.0001,
            cast(cast(hash(-range) % 200001 as bigint) - 100000 as decimal(18, 0)) * 0.0001
        from range(2000)
        union all
        select 2000 + row_number() over (), a, b
        from (
            values (1, 8), (-1, 8), (1, 20000), (-0.0001, 2), (5, 0), (15000000000.5, 7), (99999999999999.9999, 1),
            (-99999999999999.9999, 3), (99999999999999.9999, 99999999999999.9998)
        ) as edges (a, b)
        """
    )
    moments = [
        *("2024-01-31 10:59:59", "2024-02-01 00:00:00", "2024-02-29 23:59:59.999999", "2023-12-31 23:59:30"),
        *("2024-03-31 00:00:00.5", "1999-05-05 05:05:05", "2024-12-31 12:00:00"),
    ]
    pairs = [(one, other) for one in moments for other in [*moments, None]]
    connection.execute("create table moments (n integer, a timestamp, b timestamp)")
    connection.executemany(
        "insert into moments values (?, ?, ?)", [(number, *pair) for number, pair in enumerate(pairs)]
    )
    return connection


def answers(rows: Sequence[Any], columns: Sequence[str]) -> dict[tuple[int, str], Any]:
    return {(row[0], name): value for row in rows for name, value in zip(columns[1:], tuple(row)[1:], strict=True)}


@pytest.mark.slow
def test_cells_numbers_and_times_are_read_as_on_duckdb(small: Path, session: Any) -> None:
    connection = facts()
    on_duckdb, on_spark = compiled("dev", small), compiled("spark", small)
    for name in ("cells", "pairs", "moments"):
        frame = session.createDataFrame(connection.sql(f"select * from {name}").to_arrow_table())
        if name == "moments":
            frame = frame.selectExpr("n", "cast(a as timestamp) as a", "cast(b as timestamp) as b")
        frame.createOrReplaceTempView(name)
    for query in on_duckdb:
        result = connection.execute(on_duckdb[query])
        columns = [str(column[0]) for column in result.description or []]
        expected = answers(result.fetchall(), columns)
        found = answers(session.sql(on_spark[query]).collect(), columns)
        assert len(expected) > 2
        different = {
            (CELLS[number] if query == "read" and number < len(CELLS) else number, name): (value, found[number, name])
            for (number, name), value in expected.items()
            if found[number, name] != value
        }
        assert not different, query


# --- the engine ------------------------------------------------------------------------------------------------------


def shop(root: Path) -> Project:
    """A project with two raw tables, one of Parquet that lacks a column and one of CSV."""
    folder = root / "shop_of_tests"
    (folder / "models" / "staging" / "shop").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text(
        "name: shop_of_tests\nprofile: strata\nvars:\n  raw_dir: raw\n  as_of_date: '2026-06-30'\n"
        "  systems: {shop: {raw: [customer, payment], canonical: []}}\n"
    )
    shutil.copy(ROOT / "profiles.yml", folder)
    (folder / "models" / "staging" / "shop" / "_shop__sources.yml").write_text(
        """
version: 2
sources:
  - name: shop
    config:
      meta:
        external_location: "read_parquet('{{ var('raw_dir') }}/shop/{name}/*.parquet', union_by_name = true)"
    tables:
      - name: customer
        columns:
          - {name: id, data_type: text}
          - {name: seen, data_type: timestamp}
          - {name: seats, data_type: integer}
      - name: payment
        config:
          meta:
            external_location: "read_csv('{{ var('raw_dir') }}/shop/payment.csv', all_varchar = true, header = true)"
        columns: [{name: id, data_type: text}, {name: note, data_type: text}]
"""
    )
    raw = folder / "raw" / "shop"
    (raw / "customer").mkdir(parents=True)
    duckdb.execute(
        f"""
        copy (
            select
                'é1' as id, timestamp '2024-05-06 10:11:12.123456' as seen, 1.50::decimal(18, 4) as paid,
                1::bigint as visits
            union all select '', null, -0.0001, null
        ) to '{raw / "customer" / "part-0.parquet"}'
        """
    )
    (raw / "payment.csv").write_text('id,note\n1,"two\nlines, ""quoted"""\n2,\n')
    project = load_project(folder, target="spark")
    return replace(project, warehouse=root / "warehouse")


@pytest.mark.slow
def test_raw_files_come_in_and_tables_come_back_exactly(small: Path) -> None:
    project = shop(small)
    with open_engine(project) as engine, duckdb.connect() as connection:
        assert engine.load(project).rows == 4
        customers = engine.read_table(connection, "raw_shop", "customer")
        assert dict(zip(customers.columns, map(str, customers.types), strict=True)) == {
            "id": "VARCHAR",
            "seen": "TIMESTAMP",
            "paid": "DECIMAL(18,4)",
            "visits": "BIGINT",
            "seats": "BIGINT",
        }
        assert sorted(customers.fetchall()) == [
            ("", None, Decimal("-0.0001"), None, None),
            ("é1", datetime(2024, 5, 6, 10, 11, 12, 123456), Decimal("1.5000"), 1, None),
        ]
        payments = engine.read_table(connection, "raw_shop", "payment")
        assert sorted(payments.fetchall()) == [("1", 'two\nlines, "quoted"'), ("2", None)]
        kept = small / "tables" / "tables" / "raw_shop.db" / "payment" / "_temporary"
        for half in (kept, kept.parents[1] / "refund" / "_temporary"):
            half.mkdir(parents=True)
        engine.session.sql("drop table raw_shop.customer")
        (kept.parents[1] / "customer" / "_temporary").mkdir(parents=True)
        engine.close()
        # Killed while it wrote: Spark makes no table where files lie.
        engine.heal()
        assert (kept.exists(), (kept.parents[1] / "refund").exists()) == (True, False)
        # Loading again, by a session of its own, replaces the tables whole.
        assert engine.load(project).rows == 4
        assert len(engine.read_table(connection, "raw_shop", "customer").fetchall()) == 2


@pytest.mark.slow
def test_the_audit_finds_the_built_tables_by_the_names_of_readers(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = replace(shop(small), target="spark")
    table = public("dim_things", ["account_id", "build"])
    monkeypatch.setattr("strata.engines.spark.read_manifest", lambda project: {})
    monkeypatch.setattr("strata.engines.spark.public_tables", lambda manifest: [table])
    with open_engine(project) as engine:
        assert isinstance(engine, SparkEngine)
        build(engine.session, 1)
        with engine.audit_source() as source:
            assert source.columns(table) == ("account_id", "build")
            source.name_tables([table])
            assert source.rows("select count(*) from dim_things") == [(20,)]
            not_null = Expected("ExpectColumnValuesToNotBeNull", {"column": "account_id"})
            with source.session() as session:
                (outcome,) = session.validate("dim_things", [not_null])
            assert outcome.success


# --- publishing ------------------------------------------------------------------------------------------------------

MANIFEST: Mapping[str, Any] = {
    "metadata": {"invocation_id": "of-the-test"},
    "nodes": {
        "seed.policy_versions": {
            "resource_type": "seed",
            "name": "policy_versions",
            "schema": "built_policy",
            "alias": "policy_versions",
        }
    },
}


def public(name: str, columns: Sequence[str]) -> PublicTable:
    return PublicTable(
        name=name,
        schema="built",
        identifier=name,
        description=f"One row per thing of {name}; it's told",
        columns={column: f"What {column} says" for column in columns},
        grain=("account_id",),
    )


BUILT = WholeBuild("test", date(2026, 7, 15))
TABLES = [public("dim_things", ["account_id", "build"]), public("fct_scores", ["account_id", "snapshot_date", "build"])]
# Added by the second build only: a table and a column that the first does not have.
MORE = [
    public("dim_things", ["account_id", "build", "colour"]),
    public("fct_scores", ["account_id", "snapshot_date", "build"]),
    public("fct_new", ["account_id", "build"]),
]


def build(session: Any, number: int, more: bool = False) -> None:
    """Tables of which every row says of which build it is."""
    for schema in ("built", "built_policy"):
        session.sql(f"create database if not exists {schema}")
    selects = {
        "built.dim_things": f"select cast(id as string) as account_id, {number} as build"
        + (", 'red' as colour" if more else "")
        + " from range(20)",
        "built.fct_scores": "select cast(id as string) as account_id, date'2026-06-28' + cast(id % 3 as int) as"
        f" snapshot_date, {number} as build from range(20)",
        "built_policy.policy_versions": "select 'v1' as policy_version, date'2020-01-01' as valid_from,"
        " cast(null as date) as valid_to",
    }
    if more:
        selects["built.fct_new"] = f"select cast(id as string) as account_id, {number} as build from range(20)"
    for name, select in selects.items():
        session.sql(f"drop table if exists {name}")
        session.sql(f"create table {name} using parquet as {select}")


def publisher(session: Any) -> Publisher:
    project = load_project(ROOT)
    variables = MappingProxyType({**project.variables, "published_schema": "shown"})
    return Publisher(replace(project, variables=variables, as_of=date(2026, 6, 30)), session, "shown")


def builds_seen(session: Any, names: Sequence[str]) -> dict[str, set[int]]:
    return {
        name: {int(row[0]) for row in session.sql(f"select distinct build from shown.{name}").collect()}
        for name in names
    }


@pytest.mark.slow
def test_views_show_the_new_build_with_its_texts_and_the_ledger_remembers(session: Any) -> None:
    build(session, 1)
    first = publisher(session).publish(MANIFEST, TABLES, BUILT)
    assert (first.as_of_date, first.dbt_invocation_id) == (BUILT.as_of, BUILT.invocation_id)
    build(session, 2, more=True)
    second = publisher(session).publish(MANIFEST, MORE, BUILT)
    assert builds_seen(session, ["dim_things", "fct_scores", "fct_new"]) == {
        "dim_things": {2},
        "fct_scores": {2},
        "fct_new": {2},
    }
    ledger = session.sql(f"select publication_id, row_count, policy_version from shown.{LEDGER} order by published_at")
    assert [tuple(row) for row in ledger.collect()] == [
        (first.publication_id, 40, "v1"),
        (second.publication_id, 60, "v1"),
    ]
    assert first.content_hash != second.content_hash
    # The partition column is where it was declared, and texts are there for whoever looks.
    assert session.table("shown.fct_scores").columns == ["account_id", "snapshot_date", "build"]
    described = {row[0]: row[2] for row in session.sql("describe shown.dim_things").collect()}
    assert described["colour"] == "What colour says"
    # A table that is no longer public goes, and what the publication before last showed goes too.
    build(session, 3)
    publisher(session).publish(MANIFEST, TABLES, BUILT)
    assert sorted(publisher(session).views()) == sorted(["dim_things", "fct_scores", LEDGER, SHOWN])
    databases = [row[0] for row in session.sql("show databases like 'shown__*'").collect()]
    assert len(databases) == 2


class KilledError(Exception):
    """The process ended here."""


@pytest.mark.slow
def test_killed_at_any_statement_readers_have_one_build_and_the_next_publication_heals(session: Any) -> None:
    build(session, 1)
    publisher(session).publish(MANIFEST, TABLES, BUILT)
    statements = 0
    shown = 1
    outcomes: set[int] = set()
    while True:
        number = shown + 1
        build(session, number)
        dying = publisher(session)
        dying._run = killed_after(dying._run, statements)  # type: ignore[method-assign]
        try:
            dying.publish(MANIFEST, TABLES, BUILT)
        except KilledError:
            survived = False
        else:
            survived = True
        seen = builds_seen(session, ["dim_things", "fct_scores"])
        assert seen in ({name: {shown} for name in seen}, {name: {number} for name in seen}), (statements, seen)
        ((now,),) = {tuple(builds) for builds in seen.values()}
        entries = session.sql(f"select count(*) from shown.{LEDGER}").collect()[0][0]
        outcomes.add(now - shown)
        if survived:
            break
        assert entries >= 1
        build(session, number + 1)
        publisher(session).publish(MANIFEST, TABLES, BUILT)
        assert builds_seen(session, ["dim_things", "fct_scores"]) == {
            "dim_things": {number + 1},
            "fct_scores": {number + 1},
        }
        shown = number + 1
        # Every third statement: the order of the steps is what is tested, and each round costs seconds.
        statements += 3
    assert outcomes == {0, 1}


def killed_after(run: Callable[[str], list[Any]], statements: int) -> Callable[[str], list[Any]]:
    left = [statements]

    def counted(sql: str) -> list[Any]:
        # Reading ends nothing; only what changes the catalogue counts.
        if re.match(r"(create|insert|alter|drop)", sql):
            if left[0] == 0:
                raise KilledError
            left[0] -= 1
        return run(sql)

    return counted


@pytest.mark.slow
def test_a_reader_that_loops_over_the_tables_never_sees_one_missing_empty_or_mixed(session: Any) -> None:
    names = ["dim_things", "fct_scores"]
    build(session, 1)
    publisher(session).publish(MANIFEST, TABLES, BUILT)
    wrong: list[str] = []
    rounds = [0, 0]
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            try:
                before = session.sql(f"select shown_from from shown.{SHOWN}").collect()[0][0]
                seen = builds_seen(session, names)
                after = session.sql(f"select shown_from from shown.{SHOWN}").collect()[0][0]
            except Exception as error:
                wrong.append(f"a read failed: {str(error).splitlines()[0]}")
                return
            rounds[0] += 1
            if any(len(builds) != 1 for builds in seen.values()):
                wrong.append(f"a table was empty or mixed: {seen}")
            # What docs/engines.md tells readers to do: the same switch before and after means one build.
            if before == after:
                rounds[1] += 1
                if len({tuple(builds) for builds in seen.values()}) != 1:
                    wrong.append(f"two builds: {seen}")

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(2, 6):
            build(session, number)
            publisher(session).publish(MANIFEST, TABLES, BUILT)
    finally:
        over.set()
        reader.join()
    assert not wrong
    assert rounds[1] >= 4
    assert builds_seen(session, names) == {name: {5} for name in names}


# --- law 8 -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_spark_gives_the_public_tables_of_duckdb(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 8, a full build and the next day, on a company small enough for continuous integration.

    Monthly snapshots of a year: every public table has rows. The day replaces partitions and keeps the others.
    `strata parity` does the same for any other company.
    """
    from strata.generate import GenerateConfig, generate

    raw = small / "raw"
    generate(GenerateConfig(accounts=60, months=12, seed=7, as_of=date(2026, 6, 30), out=raw, events_per_account=40))
    monkeypatch.setenv("DBT_TARGET_PATH", str(small / "target"))
    project = load_project(ROOT, raw_dir=raw)
    changed = {"history_start_date": "2025-07-01", "snapshot_grain": "month"}
    project = replace(
        project,
        variables=MappingProxyType({**project.variables, **changed}),
        overrides=MappingProxyType({**project.overrides, **changed}),
    )
    result = run_parity(project, ["dev", "spark"], ParityOptions(days=1))
    full, _ = result.states
    assert {table.table for table in full.tables} >= {"dim_accounts", "fct_health_scores", "fct_account_mrr"}
    assert min(table.left_rows for table in full.tables if table.table not in MAY_BE_EMPTY) > 0
    assert result.differences == 0, [table for state in result.states for table in state.tables if table.differences]
