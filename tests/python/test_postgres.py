"""PostgreSQL as an engine: loading, casting like DuckDB, publishing whole builds, and who may read what."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import psycopg2
import pytest
from conftest import ROOT, Ended, Shop
from dbt_runs import compile_sql
from postgres_server import ADMIN, Server, generated
from strata.audit import MAY_BE_EMPTY
from strata.engines import open_publisher
from strata.engines.postgres import PostgresEngine
from strata.engines.postgres_publish import Publisher
from strata.errors import InputError, LockedError, PublishError
from strata.last_build import WholeBuild
from strata.ledger import Publication
from strata.project import Project, load_project
from strata.publish import PublicTable


@pytest.fixture
def at_server(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server, which profiles.yml points to during the test."""
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return server


def strata(server: Server, *arguments: str | Path, **more: str) -> Ended:
    """Runs the command line of the real project against the server."""
    command = [sys.executable, "-m", "strata", *[str(word) for word in arguments], "--project-dir", str(ROOT)]
    environment = {**os.environ, **server.environment, **more}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return Ended(done.returncode, done.stdout, done.stderr)


# --- the real project, once ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small company, loaded, built and published for a role `bi`. Gives the warehouse folder."""
    place = tmp_path_factory.mktemp("postgres")
    generated(place / "raw", accounts=40)
    server.rows("create role bi login", user=ADMIN)
    loaded = strata(server, "load", "--target", "postgres", "--raw-dir", place / "raw", "--json")
    assert loaded.code == 0, loaded.err
    assert json.loads(loaded.out)["tables"] == 32
    ended = strata(
        server, "build", "--target", "postgres", "--raw-dir", place / "raw", "--warehouse", place / "warehouse",
        STRATA_PG_READERS="bi",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    return place / "warehouse"


def readable_by(server: Server, role: str) -> dict[str, set[str]]:
    """Schema -> relations that a role can read, of all that are not PostgreSQL's own."""
    rows = server.rows(
        "select schemas.nspname, relations.relname from pg_class as relations"
        " inner join pg_namespace as schemas on relations.relnamespace = schemas.oid"
        " where relations.relkind in ('r', 'v', 'm', 'p', 'f')"
        " and schemas.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')"
        f" and has_schema_privilege('{role}', schemas.oid, 'usage')"
        f" and has_table_privilege('{role}', relations.oid, 'select')"
    )
    found: dict[str, set[str]] = {}
    for schema, name in rows:
        found.setdefault(str(schema), set()).add(str(name))
    return found


def test_the_reading_role_sees_every_published_table_and_nothing_else(server: Server, built: Path) -> None:
    manifest = json.loads((built / "target" / "manifest.json").read_text(encoding="utf-8"))
    public = {
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["access"] == "public"
    }
    assert readable_by(server, "bi") == {"strata": public | {"fct_publications", "fct_changes"}}
    for name in sorted(public):
        ((rows,),) = server.rows(f"select count(*) from strata.{name}", user="bi")
        assert rows > 0 or name in MAY_BE_EMPTY, name
    # The owner has far more, so that the emptiness above is not the emptiness of the database.
    assert {"raw_salesforce", "strata_build", "strata_build_staging"} <= set(readable_by(server, "strata"))
    for statement in (
        "select * from strata_build.dim_accounts_v1",
        "select * from strata_build_staging.stg_salesforce__contact",
        "select * from raw_salesforce.contact",
        "delete from strata.dim_accounts",
        "create table strata.mine (id integer)",
    ):
        with pytest.raises((psycopg2.errors.InsufficientPrivilege, psycopg2.errors.UndefinedTable)):
            server.rows(statement, user="bi")


def test_summary_and_explain_read_the_published_schema(server: Server, built: Path) -> None:
    options = ("--target", "postgres", "--warehouse", built)
    summary = strata(server, "summary", "--json", *options)
    assert summary.code == 0, summary.err
    said = json.loads(summary.out)
    ((accounts,),) = server.rows("select count(*) from strata.dim_accounts")
    assert sum(row["accounts"] for row in said["segments"]) == accounts
    account = said["accounts"][0]["account_id"]
    explained = strata(server, "explain", account, *options)
    assert explained.code == 0, explained.err
    assert account in explained.out


def test_a_second_build_of_the_same_schema_is_refused_while_one_is_at_work(at_server: Server, built: Path) -> None:
    project = load_project(ROOT, target="postgres")
    with (
        open_publisher(project) as first,
        open_publisher(project) as second,
        first.lock(),
        pytest.raises(LockedError, match="schema strata"),
        second.lock(),
    ):
        pytest.fail("both builds hold the lock")
    with open_publisher(project) as third, third.lock():
        assert third.published_tables()


# What connectors and spreadsheets land, sound and unsound. Left out, as docs/engines.md says: what DuckDB alone reads
# (hexadecimal, digits with underscores, infinity, epoch, years before Christ or of five digits).
CELLS = [
    "\u00a0x\u3000", "\u00a07", '{"a":"\u00a0b"}',
    "5", "+5", "-5", "5.5", "-2.5", "2.5", "1e3", "5.", ".5", "abc", "", " ", " 7 ", "1,000", "99999999999", "12.34567",
    "99999999999999.9999", "99999999999999.99995", "0.00005", "-0.00005", "1e400", "2147483647", "2147483648",
    "2024-01-05", "2024-1-5", "2024/01/05", "20240105", "2024-01-05T10:00", "2024-01-05 10:00:00", "2024-13-05",
    "2024-01-05T10:00:00Z", "2024-01-05T10:00:00.1234567Z", "2024-01-05 10:00:00+02", "2024-01-05 10:00:00-0230",
    "2024-01-05T10:00:00.5+05:30", "2024-01-05 10:00:00 UTC", "2023-02-29", "2024-02-29", "2024-01-05 24:00:00",
    "2024-01-05 25:00", "2024-01-05 10", "2024-01-05 1:2:3", "9999-12-31 23:59:59", "0001-01-01", "1704103200000",
    "1704103200", "now", "today", "31-12-2024", "31/12/2024 23:59", "1.2.2024 1:02:03", "31-02-2024", "true", "TRUE",
    "f", "1", "yes", "no", '{"a": "x", "b": 1.5}', '{"a": null}', '{"a": " "}', "[1]", "{", "null",
    "Müller & Sohn GmbH", "ÉCLAIR S.A.", "W3 Group, Inc.", "https://www.Example.com/path?x=1", "info@Example.CO.uk",
    "上海 Technology Co., Ltd.", "ООО Ромашка 24", "АПТЕКА 24", "Måler AB", "Øst-Vest A/S", "हिन्दी Ltd",
    "日本・「Systems」\u3000K.K.", "İSTANBUL Bilişim™ 🚀", "ΟΔΟΣ ΣΑΣ", "Οδος – Σας", "Fund Ⅱ", "Cafe\u0301 SA",
    "[\\^_`] \t…", "Łódź\u00a0½ µ²",
]  # fmt: skip

CASTS = """
select
    cell,
    {{ to_text('cell') }} as as_text,
    {{ to_integer('cell') }} as as_integer,
    {{ to_decimal('cell') }} as as_decimal,
    {{ to_boolean('cell') }} as as_boolean,
    {{ to_timestamp_utc('cell') }} as as_timestamp,
    {{ to_timestamp_day_first('cell') }} as as_day_first,
    {{ json_text('cell', 'a') }} as as_json_a,
    {{ json_text('cell', 'b') }} as as_json_b,
    {{ json_is_readable('cell') }} as is_json,
    {{ name_key('cell') }} as name_key,
    {{ domain_of_url('cell') }} as url_domain,
    {{ domain_of_email('cell') }} as email_domain,
    md5(cell) as fingerprint
from cells
"""


def compiled(server: Server, target: str, sql: str, root: Path) -> str:
    """SQL of the project's macros as dbt makes it for a target, where the server is known."""
    return compile_sql(sql, root, target=target, environment=server.environment)


def test_every_cell_is_cast_as_duckdb_casts_it(server: Server, built: Path, tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("create table cells (cell varchar)")
        connection.executemany("insert into cells values (?)", [[cell] for cell in CELLS])
        result = connection.execute(compiled(server, "dev", CASTS, tmp_path))
        columns = [str(column[0]) for column in result.description or []]
        there = result.fetchall()
    sql = compiled(server, "postgres", CASTS, tmp_path)
    connection_there = server.connect()
    try:
        with connection_there, connection_there.cursor() as cursor:
            cursor.execute("create temporary table cells (cell text)")
            cursor.executemany("insert into cells values (%s)", [[cell] for cell in CELLS])
            cursor.execute(sql)
            here = cursor.fetchall()
    finally:
        connection_there.close()
    expected, found = ({row[0]: row[1:] for row in rows} for rows in (there, here))
    assert {cell: (found[cell], expected[cell]) for cell in CELLS if found[cell] != expected[cell]} == {}
    # The list holds cells that can be read and cells that cannot, for every cast.
    for name, values in zip(columns, zip(*there, strict=True), strict=True):
        if name == "is_json":
            assert set(values) == {True, False}
        elif name not in ("cell", "fingerprint"):
            assert {value is None for value in values} == {True, False}, name


def test_percentiles_among_peers_are_those_of_duckdb(server: Server, tmp_path: Path) -> None:
    """The shipped policy judges nothing among peers, so that comparing builds would not show it."""
    model = (ROOT / "models" / "policy" / "health" / "int_peer_percentiles.sql").read_text(encoding="utf-8")
    for table in ("int_peer_values", "parameters"):
        model = model.replace(f"{{{{ ref('{table}') }}}}", f"made_{table}")
    made = [
        "create temporary table made_parameters as select 'minimum_peers' as parameter, cast(3 as decimal(18, 4))"
        " as parameter_value, date '2000-01-01' as valid_from, cast(null as date) as valid_to",
        "create temporary table made_int_peer_values (account_id varchar(20), seen_on date, judged_on date,"
        " component varchar(20), peer_segment varchar(20), raw_value decimal(18, 4))",
    ]
    # Seven accounts in each of three segments, with ties and thirds; some are missing on a day, some change segment.
    rows = [
        f"('a{number}', date '2026-06-{seen}', date '2026-06-28', 'c', 's{(number + shift) % 3}', {value % 5}.25)"
        for seen, shift in ((21, 0), (28, 1))
        for number, value in enumerate(range(seen, seen + 21))
        if (number + seen) % 11
    ]
    made.append(f"insert into made_int_peer_values values {', '.join(rows)}")
    asked = "select account_id, question, peers, percentile from ({}) as found order by account_id, question"
    with duckdb.connect() as connection:
        for statement in made:
            connection.execute(statement)
        there = connection.execute(asked.format(compiled(server, "dev", model, tmp_path))).fetchall()
    sql = asked.format(compiled(server, "postgres", model, tmp_path))
    connection_there = server.connect()
    try:
        with connection_there, connection_there.cursor() as cursor:
            for statement in made:
                cursor.execute(statement)
            cursor.execute(sql)
            here = cursor.fetchall()
    finally:
        connection_there.close()
    assert here == there
    assert {question for _, question, *_ in there} == {"now", "before", "moved"}
    assert len({percentile for *_, percentile in there}) > 10


# --- loading --------------------------------------------------------------------------------------------------------


def shop_engine(shop: Shop) -> PostgresEngine:
    """The small project of the tests, as a target of the server that the environment names."""
    (shop.root / "profiles.yml").write_text((ROOT / "profiles.yml").read_text(encoding="utf-8"), encoding="utf-8")
    return open_publisher(shop_project(shop))  # type: ignore[return-value]


def shop_project(shop: Shop) -> Project:
    return load_project(shop.root, target="postgres")


def test_a_loaded_table_holds_what_its_files_hold_and_null_for_columns_they_lack(at_server: Server, shop: Shop) -> None:
    shop.land_customers(
        "select 'c1' as id, '' as name, cast(1.10 as decimal(9, 3)) as price,"
        " timestamp '2025-01-01 10:00:00.5' as created, {'a': [1, 2]} as nested"
        " union all select 'c2', null, null, null, null union all"
        " select 'c,\"3', 'line' || chr(10) || 'break \\N', 0.125, timestamp '2024-02-29', {'a': []}"
    )
    with shop_engine(shop) as engine:
        loaded = engine.load(shop_project(shop))
        assert (loaded.tables, loaded.rows) == (2, 103)
        landed = at_server.rows("select id, name, price, created, nested, seats, synced from shop.customer order by id")
        assert landed == [
            ('c,"3', "line\nbreak \\N", Decimal("0.125"), datetime(2024, 2, 29), '{"a":[]}', None, None),
            ("c1", "", Decimal("1.100"), datetime(2025, 1, 1, 10, 0, 0, 500_000), '{"a":[1,2]}', None, None),
            ("c2", None, None, None, None, None, None),
        ]
        assert engine.columns("shop", "customer")["price"] == "DECIMAL(9, 3)"
        # Read back, every value is what DuckDB reads from the file.
        with duckdb.connect() as connection:
            back = engine.read_table(connection, "shop", "customer").project("id, name, price, created").order("id")
            files = connection.sql(f"select id, name, price, created from '{shop.customers}'").order("id")
            assert back.fetchall() == files.fetchall()
            assert back.types == files.types


def test_a_second_load_replaces_the_rows_and_keeps_what_stands_on_the_table(at_server: Server, shop: Shop) -> None:
    with shop_engine(shop) as engine:
        engine.load(shop_project(shop))
        at_server.rows("create view public.on_payments as select count(*) as n from shop.payment")
        shop.land_payments(['p1,1.50,"{}"'])
        engine.load(shop_project(shop))
        assert at_server.rows("select n from public.on_payments") == [(1,)]
        shop.land_payments([])
        engine.load(shop_project(shop))
        assert at_server.rows("select n from public.on_payments") == [(0,)]
        # Other columns need another table; the view stands in the way, and nothing has changed.
        shop.land_payments(["p1,EUR,1"], header="id,currency,amount")
        with pytest.raises(InputError, match=r"shop\.payment cannot be loaded"):
            engine.load(shop_project(shop))
        assert at_server.rows("select n from public.on_payments") == [(0,)]
    at_server.rows("drop view public.on_payments")


def test_a_server_that_is_not_there_is_told_with_what_to_set(server: Server) -> None:
    ended = strata(server, "load", "--target", "postgres", STRATA_PG_PORT="1")
    assert ended.code == 2
    assert "PostgreSQL cannot be reached" in ended.err
    assert "STRATA_PG_PORT" in ended.err
    assert "Traceback" not in ended.err


# --- publishing, with tables whose every row says which build it is of ------------------------------------------------

TABLES = ("dim_a", "fct_b", "fct_c")
ROWS = 500
MANIFEST = {
    "metadata": {"invocation_id": "test"},
    "nodes": {
        "seed.policy_versions": {
            "resource_type": "seed", "name": "policy_versions", "schema": "toy_build", "alias": "policy_versions",
        }
    },
}  # fmt: skip
BUILT = WholeBuild("test", date(2026, 7, 15))


class Toy:
    """Three tables in toy_build that are published to the schema toy."""

    def __init__(self, server: Server, engine: PostgresEngine, project: Project) -> None:
        self.server = server
        self.engine = engine
        self.project = project
        server.rows("create schema toy_build")
        server.rows("create table toy_build.policy_versions as select 'v1' as policy_version,"
                    " date '2020-01-01' as valid_from, cast(null as date) as valid_to")  # fmt: skip
        self.number = 0

    def publish(self, names: tuple[str, ...] = TABLES, more: str = "", patience: float = 60) -> Publication:
        """Builds the next number and publishes it."""
        self.number += 1
        for name in names:
            self.server.rows(
                f"drop table if exists toy_build.{name}; create table toy_build.{name} as select n as id,"
                f" {self.number} as build{more} from generate_series(1, {ROWS}) as n"
            )
        tables = [PublicTable(name, "toy_build", name, f"Table {name}.", {"id": "Key."}, ("id",)) for name in names]
        return self.publisher(patience).publish(MANIFEST, tables, BUILT)

    def publisher(self, patience: float = 60) -> Publisher:
        variables = {**self.project.variables, "publish_patience_seconds": patience}
        project = load_project(ROOT, target="postgres")
        return Publisher(
            Project(**{**vars(project), "variables": variables}), self.engine.connection, "toy", ("toy_reader",)
        )

    def shown(self, table: str = "dim_a") -> list[tuple[int, int]]:
        """Builds that a published table shows, with their rows."""
        return [tuple(row) for row in self.server.rows(f"select build, count(*) from toy.{table} group by build")]


@pytest.fixture
def toy(at_server: Server) -> Iterator[Toy]:
    at_server.rows("create role toy_reader login", user=ADMIN)
    project = load_project(ROOT, target="postgres")
    with open_publisher(project) as engine:
        assert isinstance(engine, PostgresEngine)
        yield Toy(at_server, engine, project)
    for (schema,) in at_server.rows("select nspname from pg_namespace where starts_with(nspname, 'toy')"):
        at_server.rows(f'drop schema "{schema}" cascade')
    at_server.rows("drop role toy_reader", user=ADMIN)


def test_rights_comments_ledger_and_views_of_others_outlive_a_swap(toy: Toy) -> None:
    first = toy.publish()
    toy.server.rows("create role analyst login", user=ADMIN)
    try:
        toy.server.rows("grant usage on schema toy to analyst; grant select on toy.dim_a, toy.fct_b to analyst")
        toy.server.rows("create schema toy_own; create view toy_own.mine as select max(build) as build from toy.dim_a")
        second = toy.publish()
        assert toy.shown() == [(2, ROWS)]
        assert toy.server.rows("select build from toy_own.mine") == [(2,)]
        # Columns that change make a new view; it has the rights of the old one.
        toy.server.rows("drop schema toy_own cascade")
        third = toy.publish(more=", 'x' as note")
        toy.publish(more=", 3.5 as note")
        assert toy.server.rows("select distinct note from toy.fct_b", user="analyst")[0][0] == 3.5
        assert readable_by(toy.server, "analyst")["toy"] == {"dim_a", "fct_b"}
        assert readable_by(toy.server, "toy_reader") == {"toy": {*TABLES, "fct_publications"}}
        ledger = toy.server.rows("select publication_id from toy.fct_publications order by published_at")
        assert [name for (name,) in ledger][:3] == [item.publication_id for item in (first, second, third)]
        described = "select obj_description('toy.dim_a'::regclass), col_description('toy.dim_a'::regclass, 1)"
        assert toy.server.rows(described) == [("Table dim_a.", "Key.")]
        # Of all builds, only the last one is left.
        assert toy.server.rows("select count(*) from pg_namespace where starts_with(nspname, 'toy__')") == [(1,)]
    finally:
        toy.server.rows("drop owned by analyst; drop role analyst", user=ADMIN)


def test_the_change_feed_outlives_a_swap(toy: Toy) -> None:
    """What tests/python/test_feed.py holds of the feed is SQL of every engine; here it runs on this one."""
    table = PublicTable("fct_feed_records", "toy_build", "fct_feed_records", "Records.", {}, ("feed", "record_key"))
    later = "('accounts', 'a', '2')"
    for records in ("('accounts', 'a', '1'), ('accounts', 'b', '1')", later, later):
        toy.server.rows(
            "drop table if exists toy_build.fct_feed_records; create table toy_build.fct_feed_records as"
            f" select * from (values {records}) as records(feed, record_key, record)"
        )
        toy.publisher().publish(MANIFEST, [table], BUILT)
    changes = "select change_number, record_key, operation, record from toy.fct_changes order by change_number"
    assert toy.server.rows(changes, user="toy_reader") == [
        (1, "a", "insert", "1"), (2, "b", "insert", "1"), (3, "a", "update", "2"), (4, "b", "delete", None),
    ]  # fmt: skip


def test_a_view_that_needs_a_column_that_goes_stops_the_publication_and_not_the_readers(toy: Toy) -> None:
    toy.publish(more=", 'x' as note")
    toy.server.rows("create schema toy_own; create view toy_own.mine as select note from toy.dim_a")
    with pytest.raises(PublishError, match="toy_own"):
        toy.publish()
    assert toy.shown() == [(1, ROWS)]
    assert toy.shown("fct_c") == [(1, ROWS)]
    toy.server.rows("drop view toy_own.mine")
    toy.publish()
    assert toy.shown() == [(3, ROWS)]
    assert toy.publisher().clean_up() == []


def test_a_table_that_is_no_longer_public_goes_and_equal_content_has_an_equal_hash(toy: Toy) -> None:
    first = toy.publish()
    toy.publish(names=TABLES[:2])
    assert set(toy.engine.rows("select viewname from pg_views where schemaname = 'toy'")) == {
        ("dim_a",), ("fct_b",), ("fct_publications",),
    }  # fmt: skip
    toy.number = 0
    assert toy.publish().content_hash == first.content_hash
    assert toy.publish().content_hash != first.content_hash


def test_a_role_that_is_not_there_is_told_before_anything_changes(toy: Toy) -> None:
    toy.publish()
    publisher = Publisher(toy.project, toy.engine.connection, "toy", ("nobody_here",))
    with pytest.raises(PublishError, match="no role nobody_here"):
        publisher.publish(MANIFEST, [PublicTable("dim_a", "toy_build", "dim_a", "", {}, ("id",))], BUILT)
    assert toy.shown() == [(1, ROWS)]


def test_a_reader_that_does_not_end_makes_the_publication_give_up(toy: Toy) -> None:
    toy.publish()
    reader = toy.server.connect("toy_reader")
    try:
        with reader, reader.cursor() as cursor:
            cursor.execute("select count(*) from toy.fct_b")
            with pytest.raises(PublishError, match="hold the published tables open"):
                toy.publish(patience=1.5)
            # Others are not kept waiting by the attempt.
            assert toy.shown() == [(1, ROWS)]
            cursor.execute("select distinct build from toy.fct_c")
            assert cursor.fetchall() == [(1,)]
    finally:
        reader.close()
    toy.publish()
    assert toy.shown() == [(3, ROWS)]


def test_a_snapshot_from_before_a_publication_never_finds_its_tables_empty(toy: Toy) -> None:
    toy.publish()
    reader = toy.server.connect("toy_reader")
    failures: list[BaseException] = []

    def publish() -> None:
        try:
            toy.publish()
        except BaseException as error:
            failures.append(error)

    publishing = threading.Thread(target=publish)
    try:
        reader.set_session(isolation_level="REPEATABLE READ")
        with reader, reader.cursor() as cursor:
            # The snapshot is taken, no published table is touched.
            cursor.execute("select 1")
            publishing.start()
            until(lambda: len(fillings(toy)) == 2)
            time.sleep(0.3)
            cursor.execute("select build, count(*) from toy.dim_a group by build")
            assert cursor.fetchall() == [(1, ROWS)]
        publishing.join(timeout=30)
    finally:
        reader.close()
    assert failures == []
    assert toy.shown() == [(2, ROWS)]


def fillings(toy: Toy) -> list[str]:
    """The schemas of publications that are there."""
    return [
        str(name) for (name,) in toy.server.rows("select nspname from pg_namespace where starts_with(nspname, 'toy__')")
    ]


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


def test_readers_that_loop_during_swaps_see_whole_builds_only(toy: Toy) -> None:
    toy.publish()
    stop, problems, readings = threading.Event(), [], [0, 0, 0]

    def look(which: int, isolation: str) -> None:
        connection = toy.server.connect("toy_reader")
        connection.set_session(isolation_level=isolation)
        try:
            while not stop.is_set():
                with connection, connection.cursor() as cursor:
                    seen: set[tuple[int, int]] = set()
                    for name in TABLES:
                        cursor.execute(f"select build, count(*) from toy.{name} group by build")
                        seen |= {tuple(row) for row in cursor.fetchall()} or {(-1, 0)}
                    cursor.execute("select count(*) from toy.fct_publications")
                    (publications,) = cursor.fetchone() or (0,)
                if seen != {(publications, ROWS)}:
                    problems.append((isolation, seen, publications))
                readings[which] += 1
        except psycopg2.Error as error:
            problems.append((isolation, str(error)))
        finally:
            connection.close()

    def look_once_each() -> None:
        """One statement over all tables, in no transaction of its own."""
        connection = toy.server.connect("toy_reader")
        connection.autocommit = True
        try:
            while not stop.is_set():
                with connection.cursor() as cursor:
                    cursor.execute(
                        "select count(*), count(distinct build),"
                        " min(build) = (select count(*) from toy.fct_publications)"
                        " from (select build from toy.dim_a union all select build from toy.fct_b"
                        " union all select build from toy.fct_c) as everything"
                    )
                    row = cursor.fetchone()
                if row != (3 * ROWS, 1, True):
                    problems.append(("autocommit", row))
                readings[2] += 1
        except psycopg2.Error as error:
            problems.append(("autocommit", str(error)))
        finally:
            connection.close()

    readers = [
        threading.Thread(target=look, args=(0, "REPEATABLE READ")),
        threading.Thread(target=look, args=(1, "READ COMMITTED")),
        threading.Thread(target=look_once_each),
    ]
    for reader in readers:
        reader.start()
    try:
        for _ in range(12):
            toy.publish()
    finally:
        stop.set()
        for reader in readers:
            reader.join(timeout=30)
    assert problems == []
    assert all(count > 24 for count in readings), readings
    assert toy.shown() == [(13, ROWS)]


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_postgres import BUILT, MANIFEST, TABLES
from strata.engines import open_publisher
from strata.engines.postgres_publish import Publisher
from strata.project import load_project
from strata.publish import PublicTable
project = load_project(Path({root!r}), target="postgres")
with open_publisher(project) as engine:
    tables = [PublicTable(name, "toy_build", name, "", {{}}, ("id",)) for name in TABLES]
    Publisher(project, engine.connection, "toy", ()).publish(MANIFEST, tables, BUILT)
"""


def test_a_publication_that_is_killed_changes_nothing_and_the_next_one_heals(toy: Toy) -> None:
    toy.publish()
    reader = toy.server.connect("toy_reader")
    try:
        with reader, reader.cursor() as cursor:
            # It holds a table, so the publication fills its schema and then waits at the swap.
            cursor.execute("select count(*) from toy.dim_a")
            for name in TABLES:
                toy.server.rows(f"update toy_build.{name} set build = 2")
            script = KILLED.format(tests=str(Path(__file__).parent), root=str(ROOT))
            with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT) as publishing:
                until(lambda: len(fillings(toy)) == 2)
                time.sleep(0.3)
                publishing.send_signal(signal.SIGKILL)
                assert publishing.wait() == -signal.SIGKILL
            assert toy.shown() == [(1, ROWS)]
    finally:
        reader.close()
    assert len(fillings(toy)) == 2
    assert len(toy.publisher().clean_up()) == 1
    assert len(fillings(toy)) == 1
    toy.number = 1
    toy.publish()
    assert toy.shown() == [(2, ROWS)]
    assert toy.server.rows("select count(*) from toy.fct_publications") == [(2,)]


def test_the_ledger_says_the_day_and_the_policy(toy: Toy) -> None:
    publication = toy.publish()
    rows = toy.server.rows("select as_of_date, policy_version, table_count, row_count from toy.fct_publications")
    assert rows == [(BUILT.as_of, "v1", len(TABLES), len(TABLES) * ROWS)]
    assert (publication.as_of_date, publication.dbt_invocation_id) == (BUILT.as_of, BUILT.invocation_id)
