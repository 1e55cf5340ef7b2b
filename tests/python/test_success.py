"""Actions, attention and friction on the generated company, against a replay in Python and against what was planted."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections import defaultdict

import duckdb
import pytest
from law_builds import AS_OF, HISTORY_START, Company, D, LawBuild
from real_builds import ROOT

pytest_plugins = ["law_fixtures"]


@pytest.fixture(scope="module")
def plays() -> dict[str, dict[str, str]]:
    """The plays of the policy by their rule sets."""
    with (ROOT / "seeds" / "policy" / "plays.csv").open(encoding="utf-8", newline="") as file:
        return {row["rule_set"]: row for row in csv.DictReader(file)}


def replayed(base: LawBuild, plays: dict[str, dict[str, str]], last: dt.date) -> set[str]:
    """The keys of the actions that are due on a day, from one snapshot to the next, none knowing a later one."""
    days = [HISTORY_START + dt.timedelta(days=n) for n in range((last - HISTORY_START).days + 1)]
    snapshots = [day for day in days if day.weekday() == 6 or day == last]
    due: dict[dt.date, set[tuple[str, str]]] = defaultdict(set)
    for account, day, rule_set in base.query(
        "select account_id, snapshot_date, rule_set from main_policy.int_play_matches"
    ):
        due[day].add((account, rule_set))
    opened: dict[tuple[str, str], dt.date] = {}
    running: set[tuple[str, str]] = set()
    for day in snapshots:
        monday = day - dt.timedelta(days=day.weekday())
        running &= due[day]
        for one in due[day]:
            rest = int(plays[one[1]]["cool_down_days"])
            if one not in opened or (monday - opened[one]).days >= rest:
                opened[one] = monday
                running.add(one)
    return {f"{account}:{plays[rule_set]['play']}:{opened[account, rule_set]}" for account, rule_set in running}


def test_actions_are_those_of_a_replay_day_by_day(base: LawBuild, plays: dict[str, dict[str, str]]) -> None:
    found = [key for (key,) in base.query("select action_id from fct_recommended_actions")]
    assert len(found) == len(set(found))
    assert set(found) == replayed(base, plays, AS_OF)
    assert len({key.rsplit(":", 2)[1] for key in found}) >= 5, "or the comparison would show little"


def test_no_action_is_raised_twice_in_its_cool_down_nor_stays_open_beyond_it(
    base: LawBuild, plays: dict[str, dict[str, str]]
) -> None:
    rests = {row["play"]: int(row["cool_down_days"]) for row in plays.values()}
    runs = base.query(
        "select account_id, play, opened_on, last_due_on,"
        " lag(opened_on) over (partition by account_id, play order by run) from main_policy.int_play_runs"
    )
    assert sum(before is not None for *_, before in runs) > 20, "or nothing would be shown of the second time"
    for account, play, opened, last, before in runs:
        assert before is None or (opened - before).days >= rests[play], (account, play)
        assert (last - opened).days < rests[play] + 7, (account, play)


def test_an_earlier_run_opened_the_same_actions_under_the_same_keys(
    base: LawBuild, as_of_d: LawBuild, plays: dict[str, dict[str, str]]
) -> None:
    """What a run of that day told is what the whole history says of it: nothing hangs on which runs there were."""
    found = {key for (key,) in as_of_d.query("select action_id from fct_recommended_actions")}
    assert found
    assert found == replayed(base, plays, D)


def test_one_action_of_a_group_is_open(base: LawBuild) -> None:
    groups = base.query(
        "select account_id, play_group, count(*) filter (where action_status = 'open'), min(priority),"
        " min(case when action_status = 'open' then priority end) from fct_recommended_actions group by all"
    )
    assert all(opened == 1 and first == priority for *_, opened, first, priority in groups)
    assert base.query("select count(*) > 0 from fct_recommended_actions where action_status = 'suppressed'") == [
        (True,)
    ]


def test_records_of_the_feed_are_those_of_accounts_and_open_or_suppressed_actions(base: LawBuild) -> None:
    rows = base.query("select feed, record_key, record from fct_feed_records")
    records = {(feed, key): json.loads(record) for feed, key, record in rows}
    accounts = base.query("select account_id, segment, stage, cast(health_score as varchar) from dim_accounts")
    actions = base.query(
        "select action_id, action_status, cast(due_on as varchar), action from fct_recommended_actions"
    )
    assert len(records) == len(accounts) + len(actions)
    for account, *told in accounts:
        assert [records["accounts", account][name] for name in ("segment", "stage", "health_score")] == told
    for action, *told in actions:
        assert [records["actions", action][name] for name in ("action_status", "due_on", "action")] == told


def test_the_planted_friction_is_found_with_its_size(base: LawBuild, company: Company) -> None:
    """Tickets come more often after the first invoice, by what was planted; nothing else is claimed, of failed actions
    nothing at all. Every window of policy is told of.
    """
    effects = dict(duckdb.sql(f"select effect, planted_value from {company.truth('effects')}").fetchall())
    found = {
        (trouble, window): (verdict, lower, upper)
        for trouble, window, verdict, lower, upper in base.query(
            "select trouble, friction_window, verdict, ratio_lower, ratio_upper from fct_journey_friction"
            " where segment = 'all_accounts'"
        )
    }
    windows = {window for (window,) in base.query("select friction_window from main_policy.friction_windows")}
    assert set(found) == {(trouble, window) for trouble in ("tickets", "failed_actions") for window in windows}
    verdict, lower, upper = found.pop(("tickets", "after_first_invoice"))
    assert verdict == "more"
    assert float(lower) < float(effects["first_invoice_ticket_ratio_to_own_rate"]) < float(upper)
    assert {verdict for verdict, *_ in found.values()} <= {"as_usual", "too_few", "nobody"}
    assert "as_usual" in {verdict for (trouble, _), (verdict, *_) in found.items() if trouble == "failed_actions"}


def test_accounts_are_watched_in_the_windows_that_hurt(base: LawBuild) -> None:
    """Once for each trouble that a window is known to bring, and for no other."""
    hurting = set(base.query("select trouble, friction_window from fct_journey_friction where verdict = 'more'"))
    watched = base.query("select trouble, friction_window, count(*) from fct_friction_watch group by all")
    assert {(trouble, window) for trouble, window, _ in watched} <= hurting
    assert ("tickets", "after_first_invoice") in hurting


def test_attention_is_told_of_every_account_and_owed_to_customers_alone(base: LawBuild) -> None:
    rows = base.query(
        "select gaps.account_id, is_customer, attention_status, touch_days_overdue, touch_due_on"
        " from fct_attention_gaps as gaps inner join dim_accounts using (account_id)"
    )
    assert len(rows) == base.query("select count(*) from dim_accounts")[0][0]
    for account, is_customer, status, late, due in rows:
        assert (due is not None) == is_customer, account
        assert late == (max((AS_OF - due).days, 0) if due is not None else 0), account
        assert is_customer or status == "nothing_owed", account


def test_accounts_that_are_starved_are_found(base: LawBuild, company: Company) -> None:
    """Nearly all of them are late. Three in so small a company say nothing of precision: that of a larger one is in
    docs/guides/generated_company.md.
    """
    starved = dict(
        duckdb.sql(
            f"select salesforce_account_id, starved_from < date '{AS_OF}' - 90 from {company.truth('accounts')}"
        ).fetchall()
    )
    told = base.query(
        "select source_account_id, attention_status from fct_attention_gaps inner join dim_accounts using (account_id)"
        " where is_customer and touch_cadence_days < 90"
    )
    planted = [status for source, status in told if starved.get(source)]
    assert len(planted) >= 3, "or nothing is shown"
    assert sum(status in ("neglected", "overdue") for status in planted) >= 0.75 * len(planted)
    late = sum(status in ("neglected", "overdue") for _, status in told)
    assert late < 0.75 * len(told), "or who calls everybody late would pass"
