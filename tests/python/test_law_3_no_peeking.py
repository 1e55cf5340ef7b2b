"""Law 3: what happens after a day changes nothing that was known on it.

The same company twice, with two futures after the day D. Everything up to D must be equal, whether the run is as of the
last day or as of D itself.
"""

from __future__ import annotations

import duckdb
import pytest
from law_builds import PUBLIC_TABLES, Company, D, LawBuild, Workshop
from law_future import Future, with_another_future
from law_raw import land
from real_builds import differences

pytest_plugins = ["law_fixtures"]

KINDS = 36
"""How many kinds of change the other future holds, at least."""

_INTERVAL = (
    "account_id, segment_scheme, segment, valid_from, segment_since, candidate_segment, held_by, rule_id, reason,"
    " values_seen, is_overridden, override_id, policy_version"
)
_VISIT = (
    "account_id, visit, stage, entered_on, entered_before_history, previous_stage, is_regression, skipped_stages,"
    " rule_id, reason, values_seen, policy_version"
)
_SNAPSHOTS = f"snapshot_date <= '{D}'"
_MONTHS_OVER = f"month < date_trunc('month', date '{D}' + 1)"

CUT = {
    "fct_health_scores": f"select * exclude (is_current) from {{db}}.main.fct_health_scores where {_SNAPSHOTS}",
    "fct_health_score_components": f"select * from {{db}}.main.fct_health_score_components where {_SNAPSHOTS}",
    "fct_health_score_changes": f"select * from {{db}}.main.fct_health_score_changes where {_SNAPSHOTS}",
    "fct_health_parents": f"select * exclude (is_current) from {{db}}.main.fct_health_parents where {_SNAPSHOTS}",
    "fct_churn_risk": f"select * exclude (is_current) from {{db}}.main.fct_churn_risk where {_SNAPSHOTS}",
    # What a cohort says is known when its horizon is over; all cohorts together speak of the run's own day.
    "fct_health_validation": "select * from {db}.main.fct_health_validation"
    f" where cohort <> 'all' and known_on <= '{D}'",
    # An interval that begins by D is known; its end only when it lies by D too.
    "fct_segment_assignments": f"select {_INTERVAL}, case when valid_to <= '{D}' then valid_to end as valid_to"
    f" from {{db}}.main.fct_segment_assignments where valid_from <= '{D}'",
    "fct_journey_stages": f"select {_VISIT}, case when exited_on <= '{D}' then exited_on end as exited_on,"
    f" case when exited_on <= '{D}' then days_in_stage end as days_in_stage,"
    f" case when exited_on <= '{D}' then is_stalled end as is_stalled"
    f" from {{db}}.main.fct_journey_stages where entered_on <= '{D}'",
    "fct_buying_stages": f"select * exclude (exited_on, days_in_stage, is_censored),"
    f" case when exited_on <= '{D}' then exited_on end as exited_on"
    f" from {{db}}.main.fct_buying_stages where entered_on <= '{D}'",
    "fct_journey_milestones": f"select * from {{db}}.main.fct_journey_milestones where reached_on <= '{D}'",
    "fct_account_mrr": f"select * from {{db}}.main.fct_account_mrr where {_MONTHS_OVER}",
    "fct_mrr_movements": f"select * from {{db}}.main.fct_mrr_movements where {_MONTHS_OVER}",
    "fct_invoice_differences": f"select * from {{db}}.main.fct_invoice_differences where {_MONTHS_OVER}",
    "fct_revenue_retention": f"select * from {{db}}.main.fct_revenue_retention where {_MONTHS_OVER}",
    "fct_account_economics": f"select * from {{db}}.main.fct_account_economics where {_MONTHS_OVER}",
    "fct_segment_economics": f"select * from {{db}}.main.fct_segment_economics where {_MONTHS_OVER}",
    "fct_segment_migrations": f"select * from {{db}}.main.fct_segment_migrations where {_MONTHS_OVER}",
    "dim_segments": "select * from {db}.main.dim_segments",
    # Not public, but every attribute that policy may use: a peek that no rule happens to notice today is found here.
    "account_features": f"select * exclude (is_current) from {{db}}.main_features.account_features where {_SNAPSHOTS}",
}
"""Each table up to D. The other public tables say how things stand on the run's own day: compared as of D below."""


@pytest.fixture(scope="session")
def future(company: Company) -> Future:
    planted = duckdb.sql(f"select * from {company.truth('rows')}").fetchall()
    return with_another_future(company.rows, D, planted)


@pytest.fixture(scope="session")
def other_future(company: Company, future: Future, workshop: Workshop) -> LawBuild:
    raw = land(future.raw, company.folder.with_name("other_future"))
    return workshop.build("other_future", raw)


@pytest.fixture(scope="session")
def other_future_as_of_d(other_future: LawBuild, workshop: Workshop) -> LawBuild:
    return workshop.build("other_future_as_of_d", other_future.raw, as_of=D)


def test_the_other_future_differs_in_every_kind_of_change(future: Future) -> None:
    """Or the comparisons below would show nothing."""
    assert len(future.kinds) >= KINDS, sorted(future.kinds)
    assert min(future.kinds.values()) > 0


def test_after_d_the_two_futures_differ(base: LawBuild, other_future: LawBuild) -> None:
    for table in ("fct_health_scores", "fct_segment_assignments", "fct_journey_stages", "fct_account_mrr"):
        assert differences(base, other_future, "main", table) > 0, table


@pytest.mark.parametrize("table", CUT)
def test_another_future_changes_nothing_up_to_d(base: LawBuild, other_future: LawBuild, table: str) -> None:
    assert _differing(base, other_future, table) == []


@pytest.mark.parametrize("table", CUT)
def test_a_run_as_of_d_sees_what_the_later_run_sees_up_to_d(base: LawBuild, as_of_d: LawBuild, table: str) -> None:
    assert _differing(base, as_of_d, table) == []


@pytest.mark.parametrize("table", [name for name in PUBLIC_TABLES if name != "fct_rejected_rows"])
def test_as_of_d_the_future_is_not_there(as_of_d: LawBuild, other_future_as_of_d: LawBuild, table: str) -> None:
    """Whole tables, those of the run's own day included. Rejected rows are about deliveries, not about days."""
    assert differences(as_of_d, other_future_as_of_d, "main", table) == 0


def _differing(left: LawBuild, right: LawBuild, table: str) -> list[tuple[object, ...]]:
    """Some rows up to D that only one of the builds has; both must have rows at all."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{left.database}' as l (read_only)")
        connection.execute(f"attach '{right.database}' as r (read_only)")
        one, other = CUT[table].format(db="l"), CUT[table].format(db="r")
        assert connection.execute(f"select count(*) > 0 from ({one})").fetchall() == [(True,)]
        return connection.execute(
            f"select 'first', * from ({one} except all {other})"
            f" union all select 'second', * from ({other} except all {one}) limit 6"
        ).fetchall()
