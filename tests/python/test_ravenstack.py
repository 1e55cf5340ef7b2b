"""ravenstack through the door for own tables: as published, and as a spreadsheet re-saved it."""

from __future__ import annotations

from datetime import date

import pytest
from real_builds import (
    Build,
    build_company,
    built_movements,
    built_retention,
    count_rows,
    differences,
    real_folder,
)  # fmt: skip
from reference_real import Ravenstack, closing_mrr, month_ends, movements, mrr_by_account, retention_by_month

AS_OF = date(2024, 12, 31)


@pytest.fixture(scope="session")
def files() -> Ravenstack:
    return Ravenstack(real_folder("ravenstack"))


@pytest.fixture(scope="session")
def resaved_files() -> Ravenstack:
    return Ravenstack(real_folder("ravenstack/excel_resaved_variant"))


@pytest.fixture(scope="session")
def build(files: Ravenstack, tmp_path_factory: pytest.TempPathFactory) -> Build:
    return build_company("ravenstack", files.folder, tmp_path_factory.mktemp("ravenstack"))


@pytest.fixture(scope="session")
def resaved_build(resaved_files: Ravenstack, tmp_path_factory: pytest.TempPathFactory) -> Build:
    work = tmp_path_factory.mktemp("ravenstack_resaved")
    return build_company("ravenstack", resaved_files.folder, work, unit_tests=False)


def test_every_raw_row_is_accepted_or_rejected(build: Build, files: Ravenstack) -> None:
    for table in build.raw_tables():
        accepted, rejected = count_rows(build, table)
        assert accepted + rejected == len(files.rows(table)), table
        # A row of feature use that counts no use says nothing; every other row is sound by itself.
        unused = len(files.rows(table)) - len(files.used_rows()) if table == "feature_usage" else 0
        assert rejected == unused, table


def test_rows_of_no_use_are_rejected_by_name(build: Build) -> None:
    found = build.query(
        "select raw_key, rejected_reason, rejected_column from main_staging.stg_ravenstack__feature_usage"
        " where rejected_reason is not null order by raw_key"
    )
    assert found == [("U-370ae6", "out_of_range", "usage_count"), ("U-a72131", "out_of_range", "usage_count")]


def test_two_rows_that_share_a_usage_id_are_both_kept(build: Build, files: Ravenstack) -> None:
    ((events, uses, without_workspace),) = build.query(
        "select count(distinct event_id), sum(event_count), count(*) filter (where workspace_id is null)"
        " from main_canonical.usage_events"
    )
    used = files.used_rows()
    assert len({row["usage_id"] for row in used}) == len(used) - 21
    assert (events, uses) == (len(used), sum(int(row["usage_count"]) for row in used))
    assert without_workspace == 0


def test_mrr_at_every_month_end_is_that_of_the_files(build: Build, files: Ravenstack) -> None:
    expected = closing_mrr(files.paid_periods(), month_ends(date(2023, 1, 1), AS_OF))
    assert len(expected) == 24
    built = dict(
        build.query("select observed_on, sum(mrr) from main.fct_account_mrr where mrr > 0 group by observed_on")
    )
    assert built == {end: mrr for end, mrr in expected.items() if mrr > 0}


def test_who_is_billed_by_the_year_renews_when_the_files_say(build: Build, files: Ravenstack) -> None:
    """Half of what is paid is billed by the year; taken for the price of a month, nobody had a renewal."""
    expected = files.renewals(AS_OF)
    assert sum(on is not None for on in expected.values()) > 100
    assert dict(build.query("select source_account_id, renews_on from main.dim_accounts")) == expected


def test_movements_are_those_of_the_files(build: Build, files: Ravenstack) -> None:
    expected = movements(files.paid_periods(), month_ends(date(2023, 1, 1), AS_OF))
    assert built_movements(build) == sorted((move.account, move.month_end, move.kind, move.amount) for move in expected)


def test_retention_is_that_of_the_files(build: Build, files: Ravenstack) -> None:
    """NRR, GRR and logo churn of each month and of twelve months."""
    expected = retention_by_month(files.paid_periods(), month_ends(date(2023, 1, 1), AS_OF))
    assert built_retention(build) == expected
    assert sum(rates[4] is not None and rates[4] < 1 for rates in expected.values()) >= 6


def test_no_account_has_left_today_whatever_the_flags_say(build: Build, files: Ravenstack) -> None:
    """Every account pays at the as-of date, so none is churned; 110 flags and 352 accounts' events say otherwise."""
    paying = files.paid_periods()
    assert len(mrr_by_account(paying, AS_OF)) == len(files.rows("accounts")) == 500
    assert build.query("select count(*) from main.dim_accounts where stage = 'churned' or not is_customer") == [(0,)]


def test_trials_have_no_price(build: Build, files: Ravenstack) -> None:
    rows = build.query(
        """
        select count(*) from main_canonical.subscriptions
        where trial_ends_at is not null
            and subscription_id not in (select subscription_id from main_canonical.subscription_items)
        """
    )
    trials = [row for row in files.rows("subscriptions") if row["is_trial"] == "True"]
    assert rows == [(len(trials),)] == [(778,)]


def test_contradictions_are_counted(build: Build, files: Ravenstack) -> None:
    rows = build.query("select contradiction, affected_rows from main_staging.ravenstack__contradictions")
    counted = {kind: int(affected) for kind, affected in rows}
    assert counted == files.contradictions()
    assert counted["account_with_churn_event_not_flagged_churned"] == 277
    assert counted["account_flagged_churned_without_churn_event"] == 35
    assert counted["usage_id_shared_by_different_rows"] == 21


def test_the_resaved_files_are_other_bytes_with_the_same_meaning(files: Ravenstack, resaved_files: Ravenstack) -> None:
    """Guards the comparison below: were the two folders alike, it would prove nothing."""
    assert files.rows("accounts")[0]["signup_date"] == "2024-10-16"
    assert resaved_files.rows("accounts")[0]["signup_date"] == "16-10-2024"
    assert resaved_files.contradictions() == files.contradictions()


def test_published_and_resaved_files_give_equal_marts(build: Build, resaved_build: Build) -> None:
    for schema, one_of in (("main_canonical", "tickets"), ("main", "dim_accounts")):
        tables = build.tables(schema)
        assert resaved_build.tables(schema) == tables
        assert one_of in tables
        for table in tables:
            assert differences(build, resaved_build, schema, table) == 0, table
    assert differences(build, resaved_build, "main_canonical", "usage_events") == 0


def test_rejected_rows_are_the_same_row_in_both_spellings(build: Build, resaved_build: Build) -> None:
    """The fingerprint is taken of the values as read: a re-saved file must not look like new rows."""
    for table in build.raw_tables():
        sql = f"select raw_key, row_hash from main_staging.stg_ravenstack__{table} order by all"
        assert build.query(sql) == resaved_build.query(sql), table
