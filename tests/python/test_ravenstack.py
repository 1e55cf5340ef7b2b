"""ravenstack through the door for own tables: as published, and as a spreadsheet re-saved it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from real_builds import Build, build_company, count_rows, differences, real_folder
from reference_real import Ravenstack, closing_mrr, month_ends

AS_OF = date(2024, 12, 31)
TO_CANONICAL = ["staging", "canonical", "path:tests/value/ravenstack_contradictions.sql"]


@pytest.fixture(scope="session")
def files() -> Ravenstack:
    return Ravenstack(real_folder("ravenstack"))


@pytest.fixture(scope="session")
def resaved_files() -> Ravenstack:
    return Ravenstack(real_folder("ravenstack/excel_resaved_variant"))


@pytest.fixture(scope="session")
def build(files: Ravenstack, tmp_path_factory: pytest.TempPathFactory) -> Build:
    return build_company("ravenstack", files.folder, tmp_path_factory.mktemp("ravenstack"), TO_CANONICAL)


@pytest.fixture(scope="session")
def resaved_build(resaved_files: Ravenstack, tmp_path_factory: pytest.TempPathFactory) -> Build:
    work = tmp_path_factory.mktemp("ravenstack_resaved")
    return build_company("ravenstack", resaved_files.folder, work, TO_CANONICAL)


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
    ends = month_ends(date(2023, 1, 1), AS_OF)
    for end, expected in closing_mrr(files.paid_periods(), ends).items():
        next_day = end + timedelta(days=1)
        ((mrr,),) = build.query(
            f"""
            select coalesce(sum(unit_amount * quantity), 0) from main_canonical.subscription_items
            where valid_from < '{next_day}' and (valid_to is null or valid_to >= '{next_day}')
            """
        )
        assert mrr == expected, end


def test_trials_have_no_price(build: Build, files: Ravenstack) -> None:
    rows = build.query(
        """
        select count(*) from main_canonical.subscriptions
        where trial_ends_at is not null and subscription_id not in (select subscription_id from main_canonical.subscription_items)
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


def test_published_and_resaved_files_give_equal_tables(build: Build, resaved_build: Build) -> None:
    tables = build.tables("main_canonical")
    assert resaved_build.tables("main_canonical") == tables
    assert "tickets" in tables
    for table in [*tables, "usage_events"]:
        assert differences(build, resaved_build, "main_canonical", table) == 0, table
    for table in build.raw_tables():
        keys = f"(select raw_key, row_hash, rejected_reason, rejected_column from main_staging.stg_ravenstack__{table})"
        assert sorted(build.query(f"from {keys}"), key=str) == sorted(resaved_build.query(f"from {keys}"), key=str), (
            table
        )
