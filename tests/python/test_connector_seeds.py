"""The connectors' own test seeds through staging: real column names and spellings, and almost no key that joins."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from connector_seeds import ROOT, SYSTEMS, WITH_SEEDS, RawTable, Staged, build, deliver_again, land, raw_tables

# Columns whose names are words of SQL or say too little go by another name in staging.
STAGED_AS = {
    "_fivetran_synced": "loaded_at",
    "received_at": "loaded_at",
    "start": "starts_at",
    "end": "ends_at",
    "timestamp": "occurred_at",
    "index": "domain_position",
    "public": "is_public",
}
# child table, its column, parent table: rows that mean nothing without their parent.
CHILDREN = [
    ("stripe", "subscription_item", "subscription_id", "subscription_history"),
    ("stripe", "subscription_discount", "coupon_id", "coupon"),
    ("stripe", "invoice_line_item", "invoice_id", "invoice"),
    ("zendesk", "ticket_field_history", "ticket_id", "ticket"),
    ("zendesk", "ticket_comment", "ticket_id", "ticket"),
    ("qualtrics", "question_response", "response_id", "survey_response"),
    ("qualtrics", "survey_embedded_data", "response_id", "survey_response"),
]
SEEDED = raw_tables(WITH_SEEDS)
CANONICAL = "select table_name from information_schema.tables where table_schema = 'main_canonical' order by table_name"


def name_of(table: RawTable) -> str:
    """The id of a parametrised test."""
    return f"{table.system}.{table.name}"


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Staged:
    """Staging and canonical tables on the seeds of the four systems that have some."""
    work = tmp_path_factory.mktemp("seeds")
    built = build(land(work / "raw", WITH_SEEDS), work, WITH_SEEDS)
    return built.kept_as(work / "first.duckdb")


@pytest.fixture(scope="module")
def redelivered(staged: Staged) -> Staged:
    """The same in the same place, on the same rows shuffled, half of them twice, in two files a table."""
    landed = deliver_again(staged.landed, seed=5)
    return build(landed, landed.raw_dir.parent, WITH_SEEDS, with_tests=False)


@pytest.mark.parametrize("table", SEEDED, ids=name_of)
def test_every_raw_row_is_accepted_or_rejected_with_a_reason_of_the_catalogue(staged: Staged, table: RawTable) -> None:
    with (ROOT / "seeds" / "crosswalks" / "rejection_reasons.csv").open(encoding="utf-8") as lines:
        catalogue = {row["reason"] for row in csv.DictReader(lines)}
    model = f"main_staging.{table.staging_model}"
    counts = dict(staged.query(f"select rejected_reason, count(*) from {model} group by rejected_reason"))
    assert sum(counts.values()) == len(staged.landed.rows[(table.system, table.name)])
    assert set(counts) - {None} <= catalogue
    unplaced = staged.number(
        f"select count(*) from {model} where (rejected_reason is null) <> (rejected_column is null) or row_hash is null"
    )
    assert unplaced == 0


@pytest.mark.parametrize("table", SEEDED, ids=name_of)
def test_no_time_and_no_boolean_is_lost_in_the_cast(staged: Staged, table: RawTable) -> None:
    """Staging has a row per raw row, so the cells that are there before and after can simply be counted."""
    rows = staged.landed.rows[(table.system, table.name)]
    lost = {}
    for column in table.columns:
        if column.data_type not in ("timestamp", "date", "boolean"):
            continue
        there = sum(1 for row in rows if (row.get(column.name) or "").strip())
        typed = STAGED_AS.get(column.name, column.name)
        read = staged.number(f"select count({typed}) from main_staging.{table.staging_model}")
        if read != there:
            lost[column.name] = (there, read)
    assert lost == {}


@pytest.mark.parametrize(("system", "child", "column", "parent"), CHILDREN)
def test_orphans_are_rejected_and_children_of_known_parents_are_not(
    staged: Staged, system: str, child: str, column: str, parent: str
) -> None:
    known = {row["id"] for row in staged.landed.rows[(system, parent)]}
    rows = staged.landed.rows[(system, child)]
    without_parent = sum(1 for row in rows if row[column] not in known)
    parents = f"select id from main_staging.stg_{system}__{parent}"
    orphans = (
        f"select count(*) from main_staging.stg_{system}__{child}"
        f" where rejected_reason = 'orphan' and rejected_column = '{column}'"
    )
    assert rows
    assert staged.number(f"{orphans} and {column} not in ({parents})") == without_parent
    assert staged.number(f"{orphans} and {column} in ({parents} where rejected_reason is null)") == 0


def test_what_joins_nothing_is_kept_unmatched(staged: Staged) -> None:
    """Money, contacts and tickets whose other half is not there stay, with the reference they carry or with none."""
    subscriptions = "select count(*) from main_canonical.subscriptions"
    assert staged.number(subscriptions) == 2
    assert (
        staged.number(f"{subscriptions} where customer_id not in (select customer_id from main_canonical.customers)")
        == 2
    )
    tickets = staged.number("select count(*) from main_staging.stg_zendesk__ticket where rejected_reason is null")
    assert tickets > 0
    assert staged.number("select count(*) from main_canonical.tickets") == tickets
    activities = staged.query("select count(*), count(account_id) from main_canonical.activities")[0]
    assert activities == (20, 0)


def test_every_account_has_versions_from_its_first_day(staged: Staged) -> None:
    """The account seed has no created_date: the first sight of the account stands in for it."""
    broken = staged.query(
        "select accounts.account_id from main_canonical.accounts as accounts"
        " left join main_canonical.account_versions as versions"
        " on accounts.account_id = versions.account_id and accounts.created_at = versions.valid_from"
        " where versions.account_id is null"
    )
    assert staged.number("select count(*) from main_canonical.accounts") == 10
    assert broken == []


def test_delivery_does_not_matter(staged: Staged, redelivered: Staged) -> None:
    """The same rows are accepted, and the same canonical tables come out."""
    queries = {
        table.staging_model: (
            "select * exclude (delivery_rank, rejected_reason, rejected_column)"
            f" from main_staging.{table.staging_model} where rejected_reason is null order by raw_key, row_hash"
        )
        for table in SEEDED
    }
    queries |= {name: f"select * from main_canonical.{name} order by all" for (name,) in staged.query(CANONICAL)}
    assert sum(len(rows) for rows in redelivered.landed.rows.values()) > sum(map(len, staged.landed.rows.values()))
    changed = [name for name, sql in queries.items() if redelivered.query(sql) != staged.query(sql)]
    assert changed == []


def test_empty_tables_give_empty_canonical_tables(tmp_path: Path) -> None:
    built = build(land(tmp_path / "raw", empty=True), tmp_path, with_tests=False)
    tables = [name for (name,) in built.query(CANONICAL)]
    assert len(tables) == len(list((ROOT / "models" / "canonical").glob("*.sql")))
    assert [name for name in tables if built.number(f"select count(*) from main_canonical.{name}")] == []


def test_staging_pads_exactly_the_columns_that_are_not_required() -> None:
    """The list of optional columns stands in the staging model, for macros cannot read a yml in a unit test."""
    for table in raw_tables(SYSTEMS):
        folder = ROOT / "models" / "staging" / table.system
        read = folder / f"{table.staging_model}_read.sql"
        sql = (read if read.exists() else folder / f"{table.staging_model}.sql").read_text(encoding="utf-8")
        call = re.search(r"raw_rows\(\s*'(\w+)', '(\w+)'(?:, optional=\[(.*?)\])?\s*\)", sql, flags=re.DOTALL)
        assert call is not None, table.staging_model
        assert call.group(1, 2) == (table.system, table.name)
        padded = set(re.findall(r"'(\w+)'", call.group(3) or ""))
        assert padded == {column.name for column in table.columns if not column.required}, table.staging_model
