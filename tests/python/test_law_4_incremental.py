"""Law 4: runs one after the other give the same public tables as one full refresh over the same rows.

A schedule is made up by chance: days that are run and days that are missed, rows of any age that come late,
corrections of rows that were there, deletes, a policy that changes from a day in the past on, and a run that is killed
and started again.
Every run but the first works out only what differs, and at the end everything is worked out anew and compared.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from law_builds import AS_OF, HISTORY_START, PUBLIC_TABLES, Company, D, LawBuild, Workshop
from law_raw import LOADED_AT, OPEN_END, Raw, Row, copy_of, key_columns, land, latest
from real_builds import ROOT

pytest_plugins = ["law_fixtures"]

SCHEDULES = int(os.environ.get("STRATA_LAW_4_SCHEDULES", "1"))
"""How many schedules to try; their seeds are 1, 2, …"""

RUNS = 4
EVENTS = ("segment", "tracks")
# An event is never edited: only that one came, went or moved in time is seen (models/features/increments).
FIXED_IN_EVENTS = ("event", "user_id", "context_group_id")


@dataclass
class Warehouse:
    """A build that is run again and again, in the workshop; nothing else is built there meanwhile."""

    workshop: Workshop

    @property
    def database(self) -> Path:
        return self.workshop.database

    def run(self, raw: Path, as_of: dt.date, *words: str) -> float:
        """Runs dbt to its end and gives the seconds it took; fails the test with dbt's own words."""
        began = time.monotonic()
        self.workshop.start(raw, as_of, *words).succeed()
        return time.monotonic() - began

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query; what it changes stays."""
        with duckdb.connect(str(self.database)) as connection:
            return connection.execute(sql).fetchall()


def _late(raw: Raw, rng: random.Random) -> tuple[Raw, list[dict[Any, list[Row]]]]:
    """The raw rows without one in thirty, and what of those each later run brings: rows of any date."""
    first: Raw = {}
    later: list[dict[Any, list[Row]]] = [{key: [] for key in raw} for _ in range(RUNS - 1)]
    for key, rows in raw.items():
        first[key] = []
        for row in rows:
            (rng.choice(later)[key] if rng.random() < 1 / 30 else first[key]).append(row)
    return first, later


def _correct(raw: Raw, rng: random.Random, number: int) -> None:
    """Gives rows of any table the value that another row has in a column."""
    tables = [key for key, rows in raw.items() if len(rows) > 1]
    for _ in range(number):
        key = rng.choice(tables)
        place = rng.randrange(len(raw[key]))
        fixed = {*key_columns(key), LOADED_AT[key], *(FIXED_IN_EVENTS if key == EVENTS else ())}
        column = rng.choice([name for name in raw[key][place] if name not in fixed])
        raw[key][place] = {**raw[key][place], column: rng.choice(raw[key])[column]}


def _delete(raw: Raw, rng: random.Random, number: int) -> None:
    """Takes rows away, as a source does that keeps no tombstones."""
    for _ in range(number):
        key = rng.choice([key for key, rows in raw.items() if len(rows) > 1])
        raw[key].pop(rng.randrange(len(raw[key])))


def _change_policy(warehouse: Warehouse, since: dt.date) -> None:
    """Raises the share of licences that counts as first value, from a day in the past on."""
    table = "main_policy.parameters"
    warehouse.ask(
        f"insert into {table} select * replace (parameter_value * 3 as parameter_value, date '{since}' as valid_from)"
        f" from {table} where parameter = 'first_value_seat_share' and valid_to is null"
    )
    warehouse.ask(
        f"update {table} set valid_to = date '{since}' where parameter = 'first_value_seat_share'"
        f" and valid_to is null and valid_from < date '{since}'"
    )


def _differences(one: Path, other: Path) -> dict[str, tuple[int, int]]:
    """Rows that only one side has, by public table."""
    found = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as a (read_only)")
        connection.execute(f"attach '{other}' as b (read_only)")
        for table in PUBLIC_TABLES:
            counts = [
                connection.execute(
                    f"select count(*) from (from {left}.main.{table} except all from {right}.main.{table})"
                ).fetchone()
                for left, right in (("a", "b"), ("b", "a"))
            ]
            only = tuple(int(count[0]) for count in counts if count is not None)
            if only != (0, 0):
                found[table] = (only[0], only[1])
    return found


def test_every_dated_seed_is_among_the_inputs() -> None:
    macros = (ROOT / "macros" / "increments.sql").read_text(encoding="utf-8")
    listed = set(re.findall(r"'(\w+)'", macros.split("macro policy_seeds()")[1]))
    dated = {
        path.stem
        for path in (ROOT / "seeds").rglob("*.csv")
        if "valid_from" in path.read_text(encoding="utf-8").splitlines()[0].split(",")
    }
    assert listed == dated


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, SCHEDULES + 1))
def test_runs_one_after_the_other_equal_one_full_refresh(
    seed: int, company: Company, workshop: Workshop, tmp_path: Path
) -> None:
    rng = random.Random(seed)
    days = [*sorted(rng.sample([AS_OF - dt.timedelta(days) for days in range(1, 40)], RUNS - 1)), AS_OF]
    killed, new_policy = rng.randrange(1, RUNS), rng.randrange(1, RUNS)
    warehouse = Warehouse(workshop)
    raw, later = _late(copy_of(company.rows), rng)

    workshop.begin()
    took = warehouse.run(land(raw, tmp_path / "landed"), days[0], "run")
    whole = warehouse.ask("select count(*) from main_features.int_account_snapshots")[0][0]
    worked_out = []
    for run in range(1, RUNS):
        for key, rows in later[run - 1].items():
            raw[key] += rows
        _correct(raw, rng, 20)
        _delete(raw, rng, 10)
        land(raw, tmp_path / "landed")
        if run == new_policy:
            _change_policy(warehouse, D)
        if run == killed:
            process = workshop.start(tmp_path / "landed", days[run], "run")
            time.sleep(took * rng.uniform(0.5, 0.9))
            process.kill()
        warehouse.run(tmp_path / "landed", days[run], "run")
        worked_out.append(warehouse.ask("select count(*) from main_features.int_account_snapshots")[0][0])

    shutil.copyfile(warehouse.database, tmp_path / "one_by_one.duckdb")
    warehouse.run(tmp_path / "landed", AS_OF, "run", "--full-refresh")
    assert _differences(tmp_path / "one_by_one.duckdb", warehouse.database) == {}
    # Otherwise the runs would have been full refreshes themselves, and would have shown nothing.
    assert min(worked_out) < whole


@pytest.mark.slow
def test_a_source_of_use_that_begins_late_says_nothing_of_before(
    company: Company, workshop: Workshop, tmp_path: Path
) -> None:
    """Tracking is switched on when the customers are there. Late rows move its beginning back, and with it what is
    known of everybody: one run then ends where a full refresh does."""
    switched_on, really = dt.date(2025, 12, 1), dt.date(2025, 11, 17)
    raw = copy_of(company.rows)
    sent = [row for row in raw[EVENTS] if row["timestamp"] is not None]

    def since(day: dt.date) -> list[Row]:
        return [row for row in sent if row["timestamp"].date() >= day]

    warehouse = Warehouse(workshop)
    workshop.begin()
    raw[EVENTS] = since(switched_on)
    warehouse.run(land(raw, tmp_path / "landed"), AS_OF - dt.timedelta(1), "run")
    features = "main_features.account_features"
    before = f"select count(*) from {features} where use_is_observed = 1 and snapshot_date < '{switched_on}'"
    assert warehouse.ask(before) == [(0,)]
    weeks = f"""
        select
            (date_diff('day', date '{switched_on}', snapshot_date) + 1) // 28 as months,
            count(active_days_28d) > 0, count(usage_trend) > 0
        from {features}
        where use_is_observed = 1 and account_age_days > 700 and is_customer = 1 and days_since_paid_again > 300
        group by 1 order by 1
    """
    # No window is told before all of its days are known: 28 of them for what is counted, 112 for a trend.
    assert [row[1:3] for row in warehouse.ask(weeks)][:5] == [
        (False, False), (True, False), (True, False), (True, False), (True, True),
    ]  # fmt: skip
    unseen = f"""
        select count(days_to_first_value) from {features}
        where date_diff('day', date '{switched_on}', snapshot_date) < days_since_first_paid
    """
    assert warehouse.ask(unseen) == [(0,)]
    reached = f"""
        select count(*), count(days_since_start), count(case when reached_before_history then 1 end)
        from fct_journey_milestones where milestone = 'first_use' and started_on < '{switched_on}'
    """
    ((number, *told),) = warehouse.ask(reached)
    assert number > 20
    assert told == [0, number]
    segment = f"""
        select count(*) from fct_segment_assignments
        where segment_scheme = 'behaviour' and segment = 'dormant' and valid_from < date '{switched_on}' + 27
    """
    assert warehouse.ask(segment) == [(0,)]

    raw[EVENTS] = since(really)
    warehouse.run(land(raw, tmp_path / "landed"), AS_OF, "run")
    shutil.copyfile(warehouse.database, tmp_path / "one_by_one.duckdb")
    warehouse.run(tmp_path / "landed", AS_OF, "run", "--full-refresh")
    assert _differences(tmp_path / "one_by_one.duckdb", warehouse.database) == {}


@pytest.mark.slow
def test_what_an_unfinished_run_wrote_goes_when_its_input_is_taken_back(
    company: Company, day_after_day: LawBuild, workshop: Workshop, tmp_path: Path
) -> None:
    rng = random.Random(1)
    raw = copy_of(company.rows)
    _correct(raw, rng, 200)
    _delete(raw, rng, 200)
    workshop.begin(day_after_day.database)
    warehouse = Warehouse(workshop)
    _change_policy(warehouse, D)
    # A run that a test or a person stopped: kept tables are written, up to those of the plays.
    warehouse.run(land(raw, tmp_path / "landed"), AS_OF, "run", "--exclude", "int_play_matches+")
    assert warehouse.ask("select count(*) from main_policy.int_play_rebuilds_begun")[0][0] > 0
    shutil.copyfile(warehouse.database, tmp_path / "unfinished.duckdb")
    assert "fct_health_scores" in _differences(tmp_path / "unfinished.duckdb", day_after_day.database)

    warehouse.run(company.folder, AS_OF, "seed", "--select", "parameters")
    warehouse.run(company.folder, AS_OF, "run")
    shutil.copyfile(warehouse.database, tmp_path / "taken_back.duckdb")
    assert _differences(tmp_path / "taken_back.duckdb", day_after_day.database) == {}
    assert warehouse.ask("select count(*) from duckdb_tables() where table_name like '%_begun'") == [(0,)]


@pytest.mark.slow
def test_a_day_without_news_works_out_the_days_snapshots_alone(
    company: Company, day_after_day: LawBuild, workshop: Workshop
) -> None:
    workshop.begin(day_after_day.database)
    warehouse = Warehouse(workshop)
    # The day itself, and the snapshot before it to be compared with.
    assert warehouse.ask("select distinct snapshot_date from main_features.int_account_snapshots order by 1") == [
        (dt.date(2026, 6, 28),), (AS_OF,),
    ]  # fmt: skip
    assert warehouse.ask("select count(*) from main_features.int_days_to_roll_up") == [(0,)]
    # A table that somebody dropped comes back whole.
    whole = warehouse.ask("select count(*), count(distinct snapshot_date) from fct_health_scores")
    warehouse.ask("drop table fct_health_scores")
    for words in (("fct_health_scores",), ("account_features", "--full-refresh")):
        refused = workshop.start(company.folder, AS_OF, "run", "--select", *words)
        code, said = refused.wait()
        assert code != 0
        assert f"select +{words[0]}" in said
    warehouse.run(company.folder, AS_OF, "run", "--select", "+fct_health_scores")
    assert warehouse.ask("select count(*), count(distinct snapshot_date) from fct_health_scores") == whole


@pytest.mark.slow
def test_what_a_source_overwrites_changes_no_earlier_snapshot(
    company: Company, workshop: Workshop, tmp_path: Path
) -> None:
    """The observed history: it is added to, and neither a full refresh nor a run for an earlier day takes away."""
    raw = copy_of(company.rows)
    renewal = next(row for row in raw["salesforce", "opportunity"] if not row["is_closed"])
    account = next(row for row in raw["salesforce", "account"] if row["id"] == renewal["account_id"])
    raw["salesforce", "account_history"] = [
        row for row in raw["salesforce", "account_history"] if row["id"] != account["id"]
    ]
    # What the usual connector of Stripe keeps of items: the present row.
    items = raw["stripe", "subscription_item"] = [
        {**row, "_fivetran_start": None, "_fivetran_end": None, "_fivetran_active": None}
        for row in latest(raw["stripe", "subscription_item"])
        if row["_fivetran_end"] == OPEN_END
    ]
    workshop.begin()
    warehouse = Warehouse(workshop)
    before = AS_OF - dt.timedelta(1)
    asked_for = ("--select", "+account_features")
    warehouse.run(land(raw, tmp_path / "landed"), before, "run", *asked_for)
    features = f"""
        select snapshot_date, industry, open_new_business_opportunities + open_renewal_opportunities
            + open_expansion_opportunities as open_opportunities
        from main_features.account_features where account_id = 'salesforce:{account["id"]}' order by 1
    """
    seen = warehouse.ask(features)
    assert seen[-1][0] == before
    ((growing, growing_item, shrinking, shrinking_item),) = warehouse.ask("""
        select arg_min(subscription_id, subscription_item_id) filter (items = 1),
            min(subscription_item_id) filter (items = 1),
            arg_min(subscription_id, subscription_item_id) filter (items > 1),
            min(subscription_item_id) filter (items > 1)
        from (
            select *, count(*) over (partition by subscription_id) as items
            from main_features.int_subscription_item_periods where valid_to is null and monthly_amount > 0
        )
    """)
    paid = "select * from main_features.int_subscription_mrr where revenue_date < date '{}' order by all"
    paid_before = warehouse.ask(paid.format(before))
    paid_now = "select mrr from main_features.int_subscription_mrr where subscription_id = '{}' and revenue_date = '{}'"
    ((grew_from,),) = warehouse.ask(paid_now.format(growing, before))
    ((shrank_from,),) = warehouse.ask(paid_now.format(shrinking, before))
    observations = {
        table: warehouse.ask(f"from main_observed.{table} order by all")
        for table in ("observed_accounts", "observed_opportunities", "observed_subscription_items")
    }
    assert all(observations.values())

    account["industry"] = "Something else"
    renewal.update(is_closed=True, is_won=False, close_date=dt.datetime.combine(HISTORY_START, dt.time()))
    grown = next(row for row in items if f"stripe:{row['id']}" == growing_item)
    grown["quantity"] = 2 * (grown["quantity"] or 1)
    raw["stripe", "subscription_item"] = [row for row in items if f"stripe:{row['id']}" != shrinking_item]
    warehouse.run(land(raw, tmp_path / "landed"), AS_OF, "run", *asked_for)
    now = warehouse.ask(features)
    # The day before was no snapshot but for its own run; every snapshot that is still there says what it said.
    assert now[:-1] == seen[:-1]
    assert now[-1][:2] == (AS_OF, "Something else")
    assert now[-1][2] == seen[-1][2] - 1
    # More seats and an item less are an expansion and a contraction of the day on which they were seen.
    assert warehouse.ask(paid.format(before)) == paid_before
    ((grew_to,),) = warehouse.ask(paid_now.format(growing, AS_OF))
    ((shrank_to,),) = warehouse.ask(paid_now.format(shrinking, AS_OF))
    assert (grew_to > grew_from, shrank_to < shrank_from) == (True, True)
    for table, rows in observations.items():
        later = warehouse.ask(f"from main_observed.{table} order by all")
        added = [row for row in later if row not in rows]
        assert len(later) == len(rows) + len(added)
        assert (AS_OF, 2) in {row[-2:] for row in added}
        observations[table] = later

    # Neither forgets: all anew, and a run for the day before.
    warehouse.run(tmp_path / "landed", AS_OF, "run", "--full-refresh", *asked_for)
    assert warehouse.ask(features) == now
    assert warehouse.ask(paid.format(before)) == paid_before
    assert warehouse.ask(paid_now.format(shrinking, AS_OF)) == [(shrank_to,)]
    warehouse.run(tmp_path / "landed", before, "run", *asked_for)
    assert warehouse.ask(features) == seen
    for table, rows in observations.items():
        assert warehouse.ask(f"from main_observed.{table} order by all") == rows
