"""Law 2 for changes: their parts sum to the change, and a new policy never looks like the customer's behaviour.

The SQL that is tried is the one that dbt compiled, run on the build's own inputs under a policy that changes amid the
history: other weights, other thresholds, another floor, and an override.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal

import duckdb
import pytest
from law_builds import LawBuild
from peer_policy import JUDGED, among_peers
from strata.explain import explain_account, sentences
from strata.published import Published

pytest_plugins = ["law_fixtures"]

CHANGED_ON = dt.date(2026, 3, 15)
CHANGES = ("pairs", "rescored", "limits", "points", "peers", "sets", "weights", "scores", "steps", "data", "wholes")
CHAIN = (
    "int_health_overrides", "int_peer_values", "int_peer_percentiles",
    "int_health_points", "int_health_component_sets", "int_health_weights", "int_health_scores", "int_health_limits",
    "int_health_results",
    *[f"int_health_change_{name}" for name in CHANGES], "int_health_history", "int_health_trends",
)  # fmt: skip
INPUTS = ("int_health_profile_inputs", "int_health_profiles", "int_segments_by_snapshot")
VERSIONED = ("score_weights", "score_groups", "score_points", "score_profiles", "score_components", "score_limits")

Part = tuple[str, str, str | None, Decimal]


class Laboratory:
    """A database in memory that looks like the build's to the compiled SQL."""

    def __init__(self, base: LawBuild, connection: duckdb.DuckDBPyConnection) -> None:
        self.base, self.connection = base, connection
        connection.execute(f"attach '{base.database}' as kept (read_only)")
        connection.execute("attach ':memory:' as build")
        for schema in ("main_policy", "main_features"):
            connection.execute(f"create schema build.{schema}")
        made = {*CHAIN}
        for schema, table in connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'kept'"
            " and (schema_name = 'main_policy' or table_name in ('int_snapshots', 'int_account_snapshots'))"
        ).fetchall():
            if table not in made:
                connection.execute(f"create table build.{schema}.{table} as from kept.{schema}.{table}")

    def run(self) -> None:
        for model in CHAIN:
            self.connection.execute(f"create or replace table build.main_policy.{model} as {self.base.compiled(model)}")
        self.connection.execute(
            f"create or replace table build.main.fct_health_score_changes as"
            f" {self.base.compiled('fct_health_score_changes.v1')}"
        )

    def second_policy(self) -> None:
        """Version v2 from CHANGED_ON on: the rows of v1 once more, for the tests to edit."""
        run = self.connection.execute
        for table in (*VERSIONED, "policy_versions"):
            run(f"update build.main_policy.{table} set valid_to = date '{CHANGED_ON}' where valid_to is null")
            run(
                f"insert into build.main_policy.{table} by name select * replace (date '{CHANGED_ON}' as valid_from,"
                f" null as valid_to, 'v2' as policy_version) from build.main_policy.{table} where valid_to is not null"
            )

    def parts(self, where: str = "true") -> list[Part]:
        return self.connection.execute(
            f"select account_id, cause, component, change_part from build.main.fct_health_score_changes where {where}"
        ).fetchall()

    def broken(self) -> list[tuple[object, ...]]:
        """Snapshots whose parts do not sum to the change of the score."""
        return self.connection.execute(
            """
            with scores as (
                select account_id, snapshot_date, coalesce(health_score, 0)
                    - coalesce(lag(health_score) over (partition by account_id order by snapshot_date), 0) as change
                from build.main_policy.int_health_results
            ),
            parts as (
                select account_id, snapshot_date, sum(change_part) as change
                from build.main.fct_health_score_changes group by all
            )
            select * from scores full outer join parts using (account_id, snapshot_date)
            where coalesce(scores.change, 0) <> coalesce(parts.change, 0)
            """
        ).fetchall()


@pytest.fixture
def laboratory(base: LawBuild) -> Iterator[Laboratory]:
    with duckdb.connect() as connection:
        made = Laboratory(base, connection)
        for table in INPUTS:
            connection.execute(f"create or replace table build.main_policy.{table} as from kept.main_policy.{table}")
        yield made


def test_the_parts_of_every_snapshot_sum_to_the_change(base: LawBuild) -> None:
    rows = base.query(
        """
        with scores as (
            select account_id, snapshot_date, health_score,
                lag(health_score) over (partition by account_id order by snapshot_date) as previous_score
            from fct_health_scores
        ),
        parts as (
            select account_id, snapshot_date, sum(change_part) as change from fct_health_score_changes group by all
        )
        select coalesce(health_score, 0) - coalesce(previous_score, 0), coalesce(parts.change, 0)
        from scores left join parts using (account_id, snapshot_date)
        """
    )
    assert len(rows) > 2000
    assert sum(change != 0 for change, _ in rows) > 1000
    assert [row for row in rows if row[0] != row[1]] == []


def test_all_parts_of_an_account_sum_to_its_score_of_the_day(base: LawBuild) -> None:
    rows = base.query(
        "select scores.account_id, any_value(scores.health_score), sum(parts.change_part)"
        " from fct_health_scores as scores left join fct_health_score_changes as parts using (account_id)"
        " where scores.is_current group by scores.account_id"
    )
    assert rows
    assert all((score or 0) == (total or 0) for _, score, total in rows)


def test_the_laboratory_gives_the_changes_of_the_build(laboratory: Laboratory) -> None:
    laboratory.run()
    one, other = "from build.main.fct_health_score_changes", "from kept.main.fct_health_score_changes"
    differing = f"({one} except all {other}) union all ({other} except all {one})"
    assert laboratory.connection.execute(differing).fetchall() == []


EDITS = {
    "weights": "update build.main_policy.score_groups set weight = case component_group when 'usage' then weight - 20"
    " when 'commercial' then weight + 20 else weight end where policy_version = 'v2'",
    "thresholds": "update build.main_policy.score_points set points_at_lower = points_at_lower * 0.5,"
    " points_at_upper = points_at_upper * 0.5 where policy_version = 'v2'",
    "cap": "update build.main_policy.score_limits set limit_score = 40, attribute = 'active_days_28d',"
    " lower_bound = 1 where policy_version = 'v2' and score_limit = 'gone_quiet'",
    "floor": "update build.main_policy.score_profiles set coverage_floor = 0.9 where policy_version = 'v2'",
    "peers": among_peers("build.main_policy", "policy_version = 'v2'"),
    "age": "update build.main_policy.score_components set maximum_age_days = 30"
    " where policy_version = 'v2' and component = 'nps'",
}


@pytest.mark.parametrize("edit", sorted(EDITS))
def test_a_new_policy_on_unchanged_data_is_a_part_of_its_own(laboratory: Laboratory, edit: str) -> None:
    """Every account sees on the day of the change what it saw the week before; nothing but the policy moves."""
    run = laboratory.connection.execute
    for table in INPUTS:
        run(f"delete from build.main_policy.{table} where snapshot_date = date '{CHANGED_ON}'")
        run(
            f"insert into build.main_policy.{table} select * replace (date '{CHANGED_ON}' as snapshot_date)"
            f" from build.main_policy.{table} where snapshot_date = date '{CHANGED_ON}' - 7"
        )
    laboratory.second_policy()
    run(EDITS[edit])
    laboratory.run()
    assert laboratory.broken() == []
    there_before = (
        "account_id in (select account_id from build.main_policy.int_health_results"
        f" where snapshot_date = date '{CHANGED_ON}' - 7)"
    )
    parts = laboratory.parts(f"snapshot_date = date '{CHANGED_ON}' and {there_before}")
    assert {cause for _, cause, _, _ in parts} == {"policy"}
    assert len(parts) >= 5
    # The trend is what it would be without the new policy.
    trends = run(
        f"""
        select trends.health_score_change, before.health_score - earlier.health_score,
            now.health_score <> before.health_score
        from build.main_policy.int_health_trends as trends
        inner join build.main_policy.int_health_history as now using (account_id, snapshot_date)
        inner join build.main_policy.int_health_history as before
            on before.account_id = now.account_id and before.snapshot_date = now.snapshot_date - 7
        inner join build.main_policy.int_health_history as earlier
            on earlier.account_id = now.account_id and earlier.snapshot_date = trends.compared_with
        where trends.snapshot_date = date '{CHANGED_ON}' and trends.health_score_change is not null
        """
    ).fetchall()
    assert [row for row in trends if row[0] != row[1]] == []
    assert len(trends) >= 20
    assert edit in ("floor", "age") or any(moved for _, _, moved in trends)


@pytest.mark.parametrize("edit", sorted(EDITS))
def test_data_that_did_not_change_is_never_blamed(laboratory: Laboratory, edit: str) -> None:
    """On the day of a new policy only components whose value moved have a part of data, and all still sums.

    A component whose curve depends on age may move without its value: the customer grew older.
    """
    laboratory.second_policy()
    laboratory.connection.execute(EDITS[edit])
    laboratory.run()
    assert laboratory.broken() == []
    assert laboratory.parts(f"snapshot_date = date '{CHANGED_ON}' and cause = 'policy'")
    of_one_curve = (
        "component not in (select component from build.main_policy.score_components"
        " where threshold_attribute is not null)"
    )
    assert laboratory.parts(f"cause = 'data' and previous_value = raw_value and {of_one_curve}") == []
    assert laboratory.parts(f"snapshot_date <> date '{CHANGED_ON}' and cause = 'policy'") == []


def test_what_peers_did_is_told_apart_from_what_the_customer_did(laboratory: Laboratory) -> None:
    """Under one policy that judges among peers; all still sums."""
    run = laboratory.connection.execute
    run(among_peers("build.main_policy", "true"))
    laboratory.run()
    assert laboratory.broken() == []
    judged = f"build.main.fct_health_score_changes where component = '{JUDGED}'"
    causes = run(f"select cause, count(*) from {judged} group by cause order by cause").fetchall()
    assert [cause for cause, _ in causes] == ["data", "peers"]
    assert min(count for _, count in causes) > 100
    assert run(
        "select distinct component from build.main.fct_health_score_changes where cause = 'peers'"
    ).fetchall() == [(JUDGED,)]
    # Whose own value rests has no part of data, and a worse value (more tickets) never one that adds.
    assert run(f"select count(*) from {judged} and cause = 'data' and previous_value = raw_value").fetchall() == [(0,)]
    wrong = "sign(change_part) <> sign(previous_value - raw_value) and abs(points - previous_points) > 1"
    assert run(f"select * from {judged} and cause = 'data' and {wrong} limit 3").fetchall() == []
    assert run(
        f"select count(*) > 100 from {judged} and cause = 'peers' and previous_value = raw_value"
    ).fetchall() == [(True,)]
    # First by itself, then by its peers: the two steps meet.
    assert run(
        "select count(*) from (select list(points order by cause)[1] <> list(previous_points order by cause)[2]"
        f" as torn from {judged} group by account_id, snapshot_date having count(*) = 2) where torn"
    ).fetchall() == [(0,)]


def test_an_override_is_a_part_of_its_own_while_the_data_goes_on(laboratory: Laboratory) -> None:
    run = laboratory.connection.execute
    laboratory.run()
    account, before = run(
        "select account_id, list(change_part order by snapshot_date, driver) from build.main.fct_health_score_changes"
        " where cause = 'data' group by account_id order by count(*) desc, account_id limit 1"
    ).fetchall()[0]
    run(
        "insert into build.main_policy.health_overrides by name select 'o1' as override_id, ? as account_id,"
        " 12.34 as health_score, 'cs_lead' as author, 'The sponsor left.' as reason, date '2026-03-01' as starts_on,"
        " date '2026-04-01' as ends_on, 'v1' as policy_version",
        [account],
    )
    laboratory.run()
    assert laboratory.broken() == []
    after = run(
        "select list(change_part order by snapshot_date, driver) from build.main.fct_health_score_changes"
        " where cause = 'data' and account_id = ?",
        [account],
    ).fetchall()[0][0]
    assert after == before
    held = laboratory.parts("cause = 'override'")
    assert {row[0] for row in held} == {account}
    assert sum(row[3] for row in held) == 0, "what an override took it gives back when it ends"


def test_explain_says_what_moved_the_score_and_what_was_no_behaviour(laboratory: Laboratory) -> None:
    """In the words of `strata explain`, on a day that looks back over a new policy."""
    laboratory.second_policy()
    laboratory.connection.execute(EDITS["weights"])
    laboratory.run()
    connection = laboratory.connection
    for table in ("dim_accounts", "fct_segment_assignments", "fct_journey_stages", "fct_health_score_components"):
        connection.execute(f"create table build.main.{table} as from kept.main.{table}")
    connection.execute(
        "create table build.main.fct_health_scores as select scores.* replace (results.health_score as health_score,"
        " results.computed_score as computed_score) from kept.main.fct_health_scores as scores"
        " inner join build.main_policy.int_health_results as results using (account_id, snapshot_date)"
    )
    connection.execute("use build.main")
    ((account,),) = connection.execute(
        "select account_id from fct_health_score_changes where cause = 'policy' order by abs(change_part) desc limit 1"
    ).fetchall()
    explained = explain_account(Published(connection), account, CHANGED_ON)
    health = explained["health"]
    before = connection.execute(
        "select health_score from fct_health_scores where account_id = ? and snapshot_date = ?",
        [account, health["compared_with"]],
    ).fetchall()
    # Not scored counts as 0, as in the changes.
    moved = (health["health_score"] or 0) - (before[0][0] or 0)
    assert sum(item["change_part"] for item in health["changes"]) == moved
    told = "\n".join(sentences(explained))
    assert f"Since {health['compared_with']} it moved" in told
    assert re.search(r"Not by behaviour: .*a new version of the policy [+-]\d", told), told
