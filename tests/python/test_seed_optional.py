"""Support and surveys are optional: without zendesk and qualtrics everything builds, and says what it does not know."""

from __future__ import annotations

import csv
from decimal import Decimal

import pytest
from law_builds import PUBLIC_TABLES, Company, LawBuild, Workshop
from real_builds import ROOT, differences

pytest_plugins = ["law_fixtures"]

LEFT_OUT = ("zendesk", "qualtrics", "sentiment")
SUPPORT_COMPONENTS = {"ticket_load", "severe_tickets", "resolution_time", "nps", "csat", "ticket_sentiment"}


@pytest.fixture(scope="module")
def without_support(company: Company, workshop: Workshop) -> LawBuild:
    """Built with all data tests, the laws among them: one that fails would fail the build."""
    return workshop.build("without_support", company.folder, without=LEFT_OUT, with_tests=True)


def test_the_components_meant_here_are_those_of_the_policy() -> None:
    with (ROOT / "seeds" / "policy" / "score_components.csv").open(encoding="utf-8") as file:
        known = {row["component"] for row in csv.DictReader(file) if row["score_model"] == "health"}
    assert known > SUPPORT_COMPONENTS


@pytest.mark.parametrize("table", PUBLIC_TABLES)
def test_every_public_table_is_there_with_rows(base: LawBuild, without_support: LawBuild, table: str) -> None:
    columns = f"select column_name, data_type from information_schema.columns where table_name = '{table}' order by all"
    assert without_support.query(columns) == base.query(columns)
    # The policy that is shipped overrides nobody, and where nobody sees tickets no window is known to hurt.
    empty = ("fct_health_overrides", "fct_segment_overrides", "fct_override_hit_rates", "fct_friction_watch")
    assert without_support.query(f"select count(*) > 0 from {table}") == [(table not in empty,)]


def test_components_of_what_is_left_out_say_missing(base: LawBuild, without_support: LawBuild) -> None:
    """Missing, not a good or a bad value: nobody has seen the tickets."""
    statuses = "select distinct component, status from fct_health_score_components"
    found = [row for row in without_support.query(statuses) if row[0] in SUPPORT_COMPONENTS]
    assert {component for component, _ in found} == SUPPORT_COMPONENTS
    # Before the least time as a customer has passed a component is too early, whether there are tickets or not.
    assert {status for _, status in found} <= {"missing", "too_early"}
    assert {component for component, status in found if status == "missing"} == SUPPORT_COMPONENTS
    assert (
        len([row for row in base.query(statuses) if row[0] in SUPPORT_COMPONENTS and row[1] == "scored"])
        == len(SUPPORT_COMPONENTS)
    )  # fmt: skip


def test_coverage_falls_and_never_rises(base: LawBuild, without_support: LawBuild) -> None:
    coverage = "select account_id, snapshot_date, coverage from fct_health_scores where coverage is not null"
    before = {(account, day): value for account, day, value in base.query(coverage)}
    after = {(account, day): value for account, day, value in without_support.query(coverage)}
    both = before.keys() & after.keys()
    assert len(both) > 1000
    assert all(after[key] <= before[key] for key in both)
    assert sum(after[key] < before[key] for key in both) > len(both) / 2
    assert max(after.values()) < Decimal(1)


def test_an_account_without_support_components_has_the_score_of_the_others(without_support: LawBuild) -> None:
    """What is missing drops out and hands on its weight: the weights of the rest sum to 1."""
    sums = without_support.query(
        "select sum(weight) from fct_health_score_components where status = 'scored' group by account_id, snapshot_date"
    )
    assert len(sums) > 1000
    assert all(abs(total - 1) < Decimal("0.0000001") for (total,) in sums)


@pytest.mark.parametrize("table", ["fct_account_mrr", "fct_mrr_movements", "dim_segments"])
def test_money_does_not_depend_on_support(base: LawBuild, without_support: LawBuild, table: str) -> None:
    assert differences(base, without_support, "main", table) == 0


def test_rejected_rows_are_those_of_the_systems_that_are_on(base: LawBuild, without_support: LawBuild) -> None:
    rows = "select * from fct_rejected_rows where source_system not in ('zendesk', 'qualtrics') order by all"
    assert without_support.query(rows) == base.query(rows)
    assert without_support.query(
        "select count(*) from fct_rejected_rows where source_system in ('zendesk', 'qualtrics')"
    ) == [(0,)]
