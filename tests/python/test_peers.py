"""Components that are judged among peers: the percentile against an independent one, law 7, and law 4.

The SQL that is tried is the one that dbt compiled. The shipped policy judges nothing so; peer_policy switches it on.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from law_builds import AS_OF, Company, LawBuild, Workshop
from law_raw import copy_of, land
from peer_policy import JUDGED, among_peers_since
from reference_mrr import half_up
from scipy.stats import percentileofscore
from strata.explain import sentences
from test_law_4_incremental import Warehouse, _differences

pytest_plugins = ["law_fixtures"]

MINIMUM = 3
BEFORE, NOW = dt.date(2026, 6, 21), dt.date(2026, 6, 28)
SWITCHED_ON = dt.date(2026, 5, 31)

# Few different values, so that ties are common; and any at all.
VALUES = st.one_of(st.integers(0, 4).map(Decimal), st.decimals(min_value=-50, max_value=50, places=4, allow_nan=False))
Values = dict[str, Decimal]


@pytest.fixture(scope="module")
def laboratory(base: LawBuild) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory with the parameters and no values yet."""
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as build")
        connection.execute("create schema build.main_policy")
        connection.execute(f"attach '{base.database}' as kept (read_only)")
        for table in ("parameters", "int_peer_values"):
            connection.execute(f"create table build.main_policy.{table} as from kept.main_policy.{table}")
        connection.execute(
            f"update build.main_policy.parameters set parameter_value = {MINIMUM} where parameter = 'minimum_peers'"
        )
        yield connection


def _percentiles(
    connection: duckdb.DuckDBPyConnection, base: LawBuild, before: Values, now: Values
) -> dict[tuple[str, str], Decimal | None]:
    """Question and account -> percentile, for the values of one segment on two days."""
    connection.execute("delete from build.main_policy.int_peer_values")
    rows = [(account, BEFORE, NOW, JUDGED, "one", value) for account, value in before.items()]
    rows += [(account, NOW, NOW, JUDGED, "one", value) for account, value in now.items()]
    # Neighbours that must not count: another segment, another component, another day.
    rows += [("x", NOW, NOW, JUDGED, "two", Decimal(1)), ("x", NOW, NOW, "other", "one", Decimal(1))]
    rows += [("x", BEFORE, BEFORE, JUDGED, "one", Decimal(1))]
    connection.executemany(
        "insert into build.main_policy.int_peer_values"
        " (account_id, seen_on, judged_on, component, peer_segment, raw_value) values (?, ?, ?, ?, ?, ?)",
        rows,
    )
    found = connection.execute(
        f"select question, account_id, percentile from ({base.compiled('int_peer_percentiles')})"
        f" where judged_on = date '{NOW}' and component = '{JUDGED}' and account_id <> 'x'"
    ).fetchall()
    return {(question, account): percentile for question, account, percentile in found}


def _percentile(values: list[Decimal], value: Decimal) -> Decimal | None:
    """The percentile rank of one of the values, ties together: all of the lower ones and half of those alike."""
    if len(values) < MINIMUM:
        return None
    lower, alike = sum(other < value for other in values), values.count(value)
    exact = half_up(Fraction(100 * (2 * lower + alike), 2 * len(values)), 4)
    assert float(exact) == pytest.approx(percentileofscore(values, value, kind="mean"), abs=0.00005 + 1e-9)
    return exact


def _moved(before: Values, account: str, value: Decimal) -> Decimal | None:
    """Of an account that has another value now among its peers as they were."""
    return _percentile([*(other for name, other in before.items() if name != account), value], value)


ACCOUNTS = st.sampled_from("abcdefghij")
WEEK = st.dictionaries(ACCOUNTS, VALUES, max_size=10)
STRATEGY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@STRATEGY
@given(before=WEEK, now=WEEK)
def test_percentiles_are_those_of_scipy(
    laboratory: duckdb.DuckDBPyConnection, base: LawBuild, before: Values, now: Values
) -> None:
    expected = {("now", name): _percentile([*now.values()], value) for name, value in now.items()}
    expected |= {("before", name): _percentile([*before.values()], value) for name, value in before.items()}
    expected |= {("moved", name): _moved(before, name, value) for name, value in now.items() if name in before}
    assert _percentiles(laboratory, base, before, now) == expected


@STRATEGY
@given(week=WEEK, account=ACCOUNTS, values=st.lists(VALUES, min_size=2, max_size=2))
def test_a_higher_value_of_its_own_never_lowers_a_percentile(
    laboratory: duckdb.DuckDBPyConnection, base: LawBuild, week: Values, account: str, values: list[Decimal]
) -> None:
    """Law 7: the peers as they are, one account better; the curve over percentiles never falls, as any curve."""
    lower, higher = (
        _percentiles(laboratory, base, {}, {**week, account: value})["now", account] for value in sorted(values)
    )
    assert (lower is None) == (higher is None)
    assert lower is None or higher is None or lower <= higher


def test_explain_says_where_it_stands_among_its_peers() -> None:
    component = {"component": JUDGED, "status": "scored", "contribution": Decimal("1.50"), "lost": 0.3,
                 "raw_value": Decimal("0.2500"), "percentile": Decimal("82.9268"), "peers": 41,
                 "peer_segment": "high_touch"}  # fmt: skip
    alone = {"component": "nps", "status": "too_few_peers", "contribution": None, "lost": None, "percentile": None}
    changes = [{"driver": f"peers:{JUDGED}", "cause": "peers", "component": JUDGED, "change_part": Decimal("-1.20")}]
    told = sentences({
        "account_id": "a", "account_name": None, "snapshot_date": NOW, "segments": [], "stage": None,
        "health": {"health_score": Decimal(70), "health_band": "green", "coverage": Decimal(1), "profile": "standard",
                   "compared_with": BEFORE, "components": [component, alone], "changes": changes},
    })  # fmt: skip
    assert "Among its peers: ticket_load at the 83rd percentile of 41 in high_touch (its value is 0.25)." in told
    assert "Too few peers to be judged among: nps; their weight went to the others." in told
    assert "Not by behaviour: the peers of ticket_load -1.2." in told


@pytest.mark.slow
def test_a_late_row_of_one_account_moves_its_peers_as_a_full_refresh_would(
    company: Company, base: LawBuild, workshop: Workshop, tmp_path: Path
) -> None:
    """Law 4 among peers: what one account did weeks ago and is told today changes the past of those who did nothing."""
    raw = copy_of(company.rows)
    ((account, organization),) = base.query(
        f"""
        select parts.account_id, any_value(matches.entity_id)
        from fct_health_score_components as parts
        inner join fct_segment_assignments as segments
            on segments.account_id = parts.account_id and segment_scheme = 'touch_model'
            and segment = 'high_touch' and valid_from <= '{SWITCHED_ON}' and valid_to is null
        inner join fct_account_matches as matches
            on matches.account_id = parts.account_id and entity_type = 'support_organization'
        where component = '{JUDGED}' and snapshot_date = '{AS_OF}' and status = 'scored' and raw_value > 0
        group by parts.account_id order by parts.account_id limit 1
        """
    )
    tickets = raw["zendesk", "ticket"]
    since = SWITCHED_ON - dt.timedelta(60)
    late = [
        row
        for row in tickets
        if f"zendesk:{row['organization_id']}" == organization and row["created_at"].date() > since
    ]
    assert late, "no ticket of the account that could come late"
    warehouse = Warehouse(workshop)
    workshop.begin(base.database)
    warehouse.ask(among_peers_since("main_policy", SWITCHED_ON))
    raw["zendesk", "ticket"] = [row for row in tickets if row not in late]
    warehouse.run(land(raw, tmp_path / "landed"), AS_OF, "run")
    others = f"""
        select account_id, snapshot_date, percentile, points from fct_health_score_components
        where component = '{JUDGED}' and account_id <> '{account}' and snapshot_date < '{AS_OF}' order by all
    """
    early = warehouse.ask(others)
    assert any(percentile is not None for _, _, percentile, _ in early)

    raw["zendesk", "ticket"] = tickets
    warehouse.run(land(raw, tmp_path / "landed"), AS_OF, "run")
    shutil.copyfile(warehouse.database, tmp_path / "one_by_one.duckdb")
    warehouse.run(tmp_path / "landed", AS_OF, "run", "--full-refresh")
    assert _differences(tmp_path / "one_by_one.duckdb", warehouse.database) == {}
    # Else the late row would have moved nobody else, and that would have shown nothing.
    assert warehouse.ask(others) != early
