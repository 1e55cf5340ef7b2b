"""Law 7: a better value of a component never lowers the score; and the points are the lines that the policy draws.

The SQL that is tried is the one that dbt compiled for the models, run on made-up inputs in a database of its own.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from law_builds import LawBuild
from real_builds import ROOT
from reference_mrr import half_up

pytest_plugins = ["law_fixtures"]

CHAIN = ("int_health_points", "int_health_component_sets", "int_health_weights", "int_health_scores")
# What lies over the weights: hard rules, and the floor of the coverage.
RESULTS = ("int_health_limits", "int_health_results")
TENURE = 1000
"""What the test of points gives to every attribute that chooses a curve or asks for evidence."""
STEPS = ("0.0001", "0.05", "1", "10", "200")
"""By how much a value gets better, in its own unit: less than any policy bound, and across all of them."""

SELDOM = {"renewal_prepared": 0, "csm_pulse": 40}
"""Components that hardly any snapshot of a small company has, and the value that the tests better for each."""

POLICY = ROOT / "seeds" / "policy"


def _seed(name: str) -> list[dict[str, str]]:
    with (POLICY / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


COMPONENTS = {row["component"]: row for row in _seed("score_components") if row["score_model"] == "health"}
PROFILES = sorted(
    {row["profile"] for row in _seed("score_weights")} & {row["profile"] for row in _seed("score_groups")}
)


@pytest.fixture(scope="module")
def laboratory(base: LawBuild) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that looks like the build's to the compiled SQL: policy, and what inputs a test makes."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{base.database}' as kept (read_only)")
        connection.execute("attach ':memory:' as build")
        connection.execute("create schema build.main_policy")
        connection.execute("create schema build.main_features")
        for (table,) in connection.execute(
            "select table_name from duckdb_tables() where database_name = 'kept' and schema_name = 'main_policy'"
        ).fetchall():
            if not table.startswith("int_health"):
                connection.execute(f"create table build.main_policy.{table} as from kept.main_policy.{table}")
        yield connection


def _score(connection: duckdb.DuckDBPyConnection, base: LawBuild) -> None:
    """Runs the models from points to scores on what is in int_health_profile_inputs and int_health_profiles."""
    for model in CHAIN:
        connection.execute(f"create or replace table build.main_policy.{model} as {base.compiled(model)}")


def test_the_laboratory_gives_the_scores_of_the_build(laboratory: duckdb.DuckDBPyConnection, base: LawBuild) -> None:
    """On the build's own inputs; so what it says of other inputs is what the models would say."""
    for table in ("int_health_profile_inputs", "int_health_profiles"):
        laboratory.execute(f"create or replace table build.main_policy.{table} as from kept.main_policy.{table}")
    _score(laboratory, base)
    assert laboratory.execute("select count(*) > 1000 from build.main_policy.int_health_scores").fetchall() == [(True,)]
    for table in CHAIN:
        one, other = f"from build.main_policy.{table}", f"from kept.main_policy.{table}"
        assert laboratory.execute(f"({one} except all {other}) union all ({other} except all {one})").fetchall() == []


def test_policy_says_which_way_each_component_is_better() -> None:
    assert {row["direction"] for row in COMPONENTS.values()} == {"higher_is_better", "lower_is_better"}
    assert len(PROFILES) >= 3


@pytest.mark.parametrize("component", sorted(COMPONENTS))
def test_a_better_value_never_lowers_a_score(
    laboratory: duckdb.DuckDBPyConnection, base: LawBuild, component: str
) -> None:
    """Every account snapshot of the build, under every profile and hard rule, with the one value bettered by steps."""
    attribute = COMPONENTS[component]["attribute"]
    value, others = attribute, ""
    if component in SELDOM:
        value, others = f"{SELDOM[component]}", f", 1 as {COMPONENTS[component]['applies_attribute']}"
    sign = "+" if COMPONENTS[component]["direction"] == "higher_is_better" else "-"
    steps = ", ".join(f"({number}, {step})" for number, step in enumerate(("0.0000", *STEPS)))
    profiles = ", ".join(f"('{profile}')" for profile in PROFILES)
    # The copies of a snapshot carry the step and the profile in their id.
    laboratory.execute(
        f"""create or replace temp table copies as
        select
            inputs.* replace (
                inputs.account_id || '#' || profile || '#' || step as account_id,
                cast(cast({value} as decimal(18, 4)) {sign} amount as decimal(18, 4)) as {attribute}{others}
            ),
            profile as tried_profile
        from kept.main_policy.int_health_profile_inputs as inputs
        cross join (values {steps}) as steps(step, amount)
        cross join (values {profiles}) as profiles(profile)
        where is_customer = 1 and extract(day from snapshot_date) <= 7"""
    )
    laboratory.execute(
        "create or replace table build.main_policy.int_health_profile_inputs as"
        " select * exclude (tried_profile) from copies"
    )
    laboratory.execute(
        "create or replace table build.main_policy.int_health_profiles as"
        " select account_id, snapshot_date, tried_profile as outcome from copies"
    )
    laboratory.execute(
        "create or replace table build.main_features.int_account_snapshots as"
        " select account_id, snapshot_date, false as is_current from copies"
    )
    laboratory.execute(
        "create or replace table build.main_policy.int_health_overrides as"
        " from kept.main_policy.int_health_overrides limit 0"
    )
    laboratory.execute(
        "alter table build.main_policy.int_health_profiles add column reason varchar default 'Tried.'"
    )
    _score(laboratory, base)
    for model in RESULTS:
        laboratory.execute(f"create or replace table build.main_policy.{model} as {base.compiled(model)}")
    scores = """
        with tried as (
            select
                split_part(account_id, '#', 1) as account, split_part(account_id, '#', 2) as profile, snapshot_date,
                cast(split_part(account_id, '#', 3) as integer) as step, computed_score as score
            from build.main_policy.int_health_results
        )
        select *, lag(score) over (partition by account, profile, snapshot_date order by step) as score_before
        from tried"""
    ((fell, rose),) = laboratory.execute(
        f"select count(*) filter (where score < score_before or (score is null) <> (score_before is null)),"
        f" count(*) filter (where score > score_before) from ({scores}) where step > 0"
    ).fetchall()
    examples = laboratory.execute(f"select * from ({scores}) where score < score_before limit 3").fetchall()
    assert fell == 0, examples
    assert rose > 0, f"no score rose with {component}: the test shows nothing"


# --- the points, interpolated once more ------------------------------------------------------------------------------


def _points(component: str, value: Decimal) -> Decimal:
    """The points of a value by the lines of the policy, exactly, rounded half away from zero at 4 decimals."""
    lines = [
        row
        for row in _seed("score_points")
        if row["component"] == component
        and (not row["threshold_from"] or Fraction(row["threshold_from"]) <= TENURE)
        and (not row["threshold_to"] or Fraction(row["threshold_to"]) > TENURE)
    ]
    lines.sort(key=lambda row: Fraction(row["lower_bound"]))
    at = max(Fraction(value), Fraction(lines[0]["lower_bound"]))
    line = [row for row in lines if Fraction(row["lower_bound"]) <= at][-1]
    low, start = Fraction(line["lower_bound"]), Fraction(line["points_at_lower"])
    if not line["upper_bound"]:
        return half_up(start, 4)
    slope = (Fraction(line["points_at_upper"]) - start) / (Fraction(line["upper_bound"]) - low)
    return half_up(start + (at - low) * slope, 4)


def _bounds() -> set[Decimal]:
    return {Decimal(row[name]) for row in _seed("score_points") for name in ("lower_bound", "upper_bound") if row[name]}


@st.composite
def _values(draw: st.DrawFn) -> Decimal:
    """Any value of at most 4 decimals, the bounds of the policy and their neighbours more often than others."""
    near = st.sampled_from(sorted(_bounds())).flatmap(
        lambda bound: st.sampled_from([bound - Decimal("0.0001"), bound, bound + Decimal("0.0001")])
    )
    anywhere = st.decimals(min_value=-400, max_value=400, places=4)
    inside = st.decimals(min_value=-1, max_value=40, places=4)
    return draw(st.one_of(near, anywhere, inside))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(_values(), min_size=1, max_size=60))
@example(values=[Decimal("11.1144")])  # half of the last decimal, on a line that falls
def test_points_are_those_of_an_independent_interpolation(
    laboratory: duckdb.DuckDBPyConnection, base: LawBuild, values: list[Decimal]
) -> None:
    """To the last of four decimals, for every component."""
    attributes = ", ".join(sorted({row["attribute"] for row in COMPONENTS.values()}))
    given_values = ", ".join(f"({number}, cast({value} as decimal(18, 4)))" for number, value in enumerate(values))
    assigned = ", ".join(f"value as {name}" for name in attributes.split(", "))
    others = ", ".join(
        f"{value} as {row[column]}"
        for column, value in (
            ("applies_attribute", 1), ("evidence_attribute", TENURE), ("age_attribute", 0), ("per_attribute", 1),
        )
        for row in {row[column]: row for row in COMPONENTS.values() if row[column]}.values()
    )
    laboratory.execute(
        f"""create or replace table build.main_policy.int_health_profile_inputs as
        select kept.* replace ('a' || number as account_id, date '2026-06-30' as snapshot_date, {assigned}, {others})
        from (from kept.main_policy.int_health_profile_inputs limit 1) as kept
        cross join (values {given_values}) as given_values(number, value)"""
    )
    tried = " union all ".join(
        f"select account_id || '|{profile}' as account_id, snapshot_date, '{profile}' as outcome"
        " from build.main_policy.int_health_profile_inputs"
        for profile in PROFILES
    )
    laboratory.execute(f"create or replace table build.main_policy.int_health_profiles as {tried}")
    laboratory.execute(
        "create or replace table build.main_policy.int_health_profile_inputs as"
        " select kept.* replace (profiles.account_id as account_id)"
        " from build.main_policy.int_health_profile_inputs as kept"
        " inner join build.main_policy.int_health_profiles as profiles"
        " on kept.account_id = split_part(profiles.account_id, '|', 1)"
    )
    laboratory.execute(f"create or replace temp table found as {base.compiled('int_health_points')}")
    found = laboratory.execute("select account_id, component, status, points from found").fetchall()
    assert {component for _, component, *_ in found} == set(COMPONENTS)
    for account, component, status, points in found:
        value = values[int(account.split("|")[0][1:])]
        assert status == "scored", (component, value)
        assert points == _points(component, value), (component, value)


@pytest.mark.parametrize("component", sorted(COMPONENTS))
def test_the_lines_of_the_policy_never_fall(component: str) -> None:
    """The reference itself, which the test above holds equal to the SQL: lines can fall only between their ends."""
    ends = {
        Decimal(row[name]) + shift * Decimal("0.0001")
        for row in _seed("score_points")
        if row["component"] == component
        for name in ("lower_bound", "upper_bound")
        if row[name]
        for shift in (-1, 0, 1)
    }
    towards_better = sorted(ends, reverse=COMPONENTS[component]["direction"] == "lower_is_better")
    points = [_points(component, value) for value in towards_better]
    assert points == sorted(points), list(zip(towards_better, points, strict=True))
    assert Decimal(0) <= points[0] < points[-1] <= Decimal(100)
