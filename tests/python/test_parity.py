"""Law 8: the same raw tables give the same public tables on DuckDB and PostgreSQL, to the last digit.

One generated company through a full build, three daily increments and a delivery of late rows; real files; and a
project with a fault in one engine's division, which must be found.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from conftest import ROOT, Ended
from dbt_runs import copy_parts
from postgres_server import Server, generated
from real_builds import real_folder
from strata.audit import MAY_BE_EMPTY
from strata.parity.compare import Copy, TableResult, compare

TARGETS = "dev,postgres"


def command_line(arguments: Sequence[str | Path], root: Path) -> list[str]:
    return [sys.executable, "-m", "strata", *[str(word) for word in arguments], "--project-dir", str(root)]


def strata(server: Server, *arguments: str | Path, root: Path = ROOT) -> Ended:
    """Runs the command line against the server."""
    environment = {**os.environ, **server.environment}
    done = subprocess.run(
        command_line(arguments, root), cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    return Ended(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def five_states(
    server: Server, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[subprocess.Popen[str] | None]:
    """The longest comparison, at work in a database of its own while other tests run theirs. None where not asked for.

    It takes two thirds of the time of this file, most of it on one core.
    """
    if test_a_full_build_three_days_and_late_rows_are_equal_on_both_engines.__name__ not in {
        item.name for item in request.session.items
    }:
        yield None
        return
    raw = generated(tmp_path_factory.mktemp("five_states") / "raw", accounts=60)
    arguments = ("parity", "--targets", TARGETS, "--raw-dir", raw, "--days", "3", "--late", "--json")
    environment = {**os.environ, **server.with_database("five_states").environment}
    with subprocess.Popen(
        command_line(arguments, ROOT), cwd=ROOT, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        yield process
        process.terminate()


def states(report: dict[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    """State -> table -> what the comparison found."""
    return {state["state"]: {table["table"]: table for table in state["tables"]} for state in report["states"]}


@pytest.mark.slow
def test_real_files_are_equal_on_both_engines(five_states: object, server: Server, tmp_path: Path) -> None:
    whole, some = real_folder("miaad_saas_growth"), tmp_path / "miaad"
    some.mkdir()
    # One account in twenty with all that belongs to it: the whole takes minutes, and was compared by hand.
    for name in ("accounts", "subscriptions", "invoices", "product_events", "support_tickets"):
        (file,) = whole.glob(f"{name}.csv*")
        with duckdb.connect() as connection:
            connection.execute(
                f"copy (select * from read_csv('{file}', all_varchar = true, header = true)"
                f" where md5_number_lower(account_id) % 20 = 0) to '{some / name}.csv' (format csv, header true)"
            )
    ended = strata(server, "parity", "--targets", TARGETS, "--company", "miaad", "--raw-dir", some, "--json")
    assert ended.code == 0, ended.err
    (tables,) = states(json.loads(ended.out)).values()
    assert tables["dim_accounts"]["left_rows"] > 200
    assert {name: table["differences"] for name, table in tables.items()} == dict.fromkeys(tables, 0)


DIVIDED = """
select id, {{ divide_exact('points', 'accounts', 4) }} as quotient, points from (
    select 1 as id, cast(7 as integer) as points, cast(2 as integer) as accounts
    union all select 2, 8, 2
) as numbers
"""
DIVIDED_YML = """
models:
  - name: fct_quotients
    description: One row per quotient.
    config: {contract: {enforced: false}}
    data_tests: [{sound_rows: {key: [id]}}]
  - name: int_snapshots
    description: One row per day.
  - name: dim_numbers
    description: One row per number.
    config: {contract: {enforced: false}}
    data_tests: [{sound_rows: {key: [id]}}]
"""


def test_whole_numbers_divided_on_one_engine_are_found(server: Server, tmp_path: Path) -> None:
    root = tmp_path / "project"
    copy_parts(root, "profiles.yml", "macros", "tests/generic", "models/_groups.yml")
    for folder in ("marts", "features"):
        (root / "models" / folder).mkdir()
    settings = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
    settings["vars"]["systems"] = {}
    (root / "dbt_project.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    models = root / "models"
    (models / "features" / "int_snapshots.sql").write_text("select cast('2026-06-30' as date) as snapshot_date")
    (models / "marts" / "fct_quotients.sql").write_text(DIVIDED, encoding="utf-8")
    (models / "marts" / "dim_numbers.sql").write_text("select id, points from {{ ref('fct_quotients') }}")
    (models / "_models.yml").write_text(DIVIDED_YML, encoding="utf-8")
    macros = root / "macros" / "adapters" / "arithmetic.sql"
    text = macros.read_text(encoding="utf-8")
    start = text.index("{% macro postgres__divide_exact(")
    end = text.index("{%- endmacro %}", start)
    fault = "cast(cast({{ numerator }} as bigint) / nullif(cast({{ denominator }} as bigint), 0) as decimal(24, 4))"
    head = text[start : text.index("-%}", start) + 3]
    macros.write_text(f"{text[:start]}{head}\n    {fault}\n{text[end:]}", encoding="utf-8")
    (root / "raw").mkdir()
    divided = server.with_database("divided")
    ended = strata(divided, "parity", "--targets", TARGETS, "--raw-dir", root / "raw", root=root)
    assert ended.code == 1, ended.err
    assert "differences between dev, postgres" in ended.err
    report = json.loads((root / "reports" / "parity" / "dev-postgres.json").read_text(encoding="utf-8"))
    (tables,) = states(report).values()
    # Seven by two, and not eight by two.
    assert tables["fct_quotients"]["unequal"] == {"quotient": 1}
    # What divides nothing is still equal, so the report leads to the fault.
    assert tables["dim_numbers"]["differences"] == 0
    assert "fct_quotients" in ended.out
    assert "≠" in ended.out


@pytest.mark.slow
def test_a_full_build_three_days_and_late_rows_are_equal_on_both_engines(
    five_states: subprocess.Popen[str] | None,
) -> None:
    assert five_states is not None
    out, err = five_states.communicate()
    assert five_states.returncode == 0, err
    report = json.loads(out)
    assert report["differences"] == 0
    found = states(report)
    assert list(found) == ["full", "day 1", "day 2", "day 3", "late"]
    assert [state["as_of"] for state in report["states"]] == [
        "2026-06-27", "2026-06-28", "2026-06-29", "2026-06-30", "2026-06-30",
    ]  # fmt: skip
    for tables in found.values():
        assert len(tables) >= 10
        # Equal because both hold rows, not because both are empty.
        assert all(table["left_rows"] > 0 for name, table in tables.items() if name not in MAY_BE_EMPTY)
    # The late rows did arrive: with them there is more money, and what was rejected for want of them no longer is.
    assert found["late"]["fct_account_mrr"]["left_rows"] > found["day 3"]["fct_account_mrr"]["left_rows"]
    assert found["late"]["fct_rejected_rows"]["left_rows"] < found["day 3"]["fct_rejected_rows"]["left_rows"]


def compared(left: str, right: str) -> TableResult:
    with duckdb.connect() as connection:
        connection.execute(f"create table l as {left}")
        connection.execute(f"create table r as {right}")
        return compare(connection, "t", ["id"], Copy("dev", "l"), Copy("postgres", "r"))


ONE = "select 1 as id, cast(1.50 as decimal(9, 2)) as money, 'a' as name, date '2026-01-01' as day, true as is_on"


def test_equal_tables_have_no_difference_whatever_the_order() -> None:
    two = ONE.replace("1 as id", "2 as id")
    assert compared(f"{ONE} union all {two}", f"{two} union all {ONE}").differences == 0


@pytest.mark.parametrize(
    ("column", "before", "after"),
    [
        ("money", "1.50 as", "1.51 as"),
        ("name", "'a' as", "'A' as"),
        ("name", "'a' as", "'' as"),
        ("day", "2026-01-01", "2026-01-02"),
        ("is_on", "true as", "cast(null as boolean) as"),
    ],
)
def test_the_smallest_difference_of_a_value_counts(column: str, before: str, after: str) -> None:
    result = compared(ONE, ONE.replace(before, after))
    assert result.unequal == {column: 1}
    assert result.examples == ("id 1",)


def test_an_empty_text_is_not_null() -> None:
    empty = ONE.replace("'a' as", "'' as")
    assert compared(empty, ONE.replace("'a' as", "cast(null as varchar) as")).unequal == {"name": 1}


def test_rows_missing_on_either_side_and_repeated_rows_are_told() -> None:
    two = f"{ONE} union all {ONE.replace('1 as id', '2 as id')}"
    assert (compared(two, ONE).missing_left, compared(two, ONE).missing_right) == (0, 1)
    assert (compared(ONE, two).missing_left, compared(ONE, two).missing_right) == (1, 0)
    assert compared(f"{ONE} union all {ONE}", ONE).missing_right == 1


def test_another_scale_and_a_missing_column_are_differences_by_themselves() -> None:
    result = compared(ONE, ONE.replace("decimal(9, 2)", "decimal(9, 4)").replace(", true as is_on", ""))
    assert result.columns == (
        "is_on is missing on postgres",
        "money is DECIMAL(9,2) on dev and DECIMAL(9,4) on postgres",
    )
