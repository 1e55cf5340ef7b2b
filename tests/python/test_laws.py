"""Laws 1, 2, 5 and 6, over the whole history of the generated company.

What the dbt tests say in SQL is worked out here once more in Python, from the public tables alone.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from law_builds import AS_OF, HISTORY_START, PUBLIC_TABLES, Company, LawBuild, Workshop
from law_raw import LOADED_AT, Raw, Row, copy_of, key_columns, keys_of, land, shuffled
from real_builds import differences
from strata.generate.schemas import TableKey

pytest_plugins = ["law_fixtures"]

Life = tuple[dt.date, dt.date | None]
Interval = tuple[dt.date, dt.date | None]


# --- law 1: total ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def snapshots() -> list[dt.date]:
    """Every Sunday of the history, and the run's own day."""
    days = [HISTORY_START + dt.timedelta(days=n) for n in range((AS_OF - HISTORY_START).days + 1)]
    return [day for day in days if day.weekday() == 6 or day == AS_OF]


@pytest.fixture(scope="module")
def lives(company: Company) -> dict[str, Life]:
    """The life of each account, read from the raw files: from its creation to the first sign that it is gone."""
    broken = {key for _, _, key, reason in _planted(company) if reason not in ("duplicate", "deleted_in_source")}
    found: dict[str, Life] = {}
    versions: dict[str, list[Row]] = defaultdict(list)
    for row in company.rows[("salesforce", "account_history")]:
        versions[row["id"]].append(row)
    current = {row["id"] for row in company.rows[("salesforce", "account")]}
    for account, several in versions.items():
        if f"{account}|{several[0]['_fivetran_start']}" in broken:
            continue
        several.sort(key=lambda row: row["_fivetran_start"])
        gone = [row["_fivetran_start"] for row in several if row["is_deleted"] or row["master_record_id"]]
        closed = several[-1]["_fivetran_end"]
        end = gone[0] if gone else closed if account not in current and closed.year < 9999 else None
        born = several[0]["created_date"].date()
        found[f"salesforce:{account}"] = (born, end.date() if end is not None else None)
    return found


@pytest.fixture(scope="module")
def expected(lives: dict[str, Life], snapshots: list[dt.date]) -> set[tuple[str, dt.date]]:
    """Every snapshot of every life."""
    return {
        (account, day)
        for account, (born, died) in lives.items()
        for day in snapshots
        if born <= day and (died is None or day < died)
    }


def test_some_accounts_come_and_go_within_the_history(lives: dict[str, Life]) -> None:
    """Or the tests of law 1 would show little."""
    assert sum(born > HISTORY_START for born, _ in lives.values()) > 10
    assert sum(died is not None and died <= AS_OF for _, died in lives.values()) >= 2


def test_every_account_has_one_score_status_at_every_snapshot_of_its_life(
    base: LawBuild, expected: set[tuple[str, dt.date]]
) -> None:
    rows = base.query("select account_id, snapshot_date, score_status, health_score, reason from fct_health_scores")
    assert Counter((account, day) for account, day, *_ in rows) == Counter(expected)
    for account, day, status, score, reason in rows:
        assert status in ("scored", "not_scored"), (account, day)
        assert (score is not None) == (status == "scored"), (account, day)
        assert reason, (account, day)


def test_every_account_has_one_segment_of_each_scheme_at_every_snapshot_of_its_life(
    base: LawBuild, expected: set[tuple[str, dt.date]], lives: dict[str, Life]
) -> None:
    intervals: dict[tuple[str, str], list[Interval]] = defaultdict(list)
    for scheme, account, start, end, segment, reason in base.query(
        "select segment_scheme, account_id, valid_from, valid_to, segment, reason from fct_segment_assignments"
    ):
        assert segment
        assert reason
        intervals[(scheme, account)].append((start, end))
    schemes = {scheme for (scheme,) in base.query("select distinct segment_scheme from dim_segments")}
    assert {scheme for scheme, _ in intervals} == schemes
    for scheme in schemes:
        mine = {account: several for (name, account), several in intervals.items() if name == scheme}
        _one_at_every_snapshot(mine, expected)
        _neither_gaps_nor_overlaps(mine, lives)


def test_every_account_is_in_one_stage_at_every_snapshot_of_its_life(
    base: LawBuild, expected: set[tuple[str, dt.date]], lives: dict[str, Life]
) -> None:
    visits: dict[str, list[Interval]] = defaultdict(list)
    for account, start, end, stage, reason, censored in base.query(
        "select account_id, entered_on, exited_on, stage, reason, is_censored from fct_journey_stages"
    ):
        assert stage
        assert reason
        assert censored == (end is None)
        visits[account].append((start, end))
    _one_at_every_snapshot(visits, expected)
    _neither_gaps_nor_overlaps(visits, lives)


def _one_at_every_snapshot(intervals: dict[str, list[Interval]], expected: set[tuple[str, dt.date]]) -> None:
    for account, day in expected:
        holding = [one for one in intervals.get(account, []) if one[0] <= day and (one[1] is None or day < one[1])]
        assert len(holding) == 1, (account, day, holding)
    assert set(intervals) == {account for account, _ in expected}


def _neither_gaps_nor_overlaps(intervals: dict[str, list[Interval]], lives: dict[str, Life]) -> None:
    """Each begins where the one before ends; the last ends with the life, or not at all."""
    for account, several in intervals.items():
        several.sort()
        ends = [end for _, end in several]
        assert ends[:-1] == [start for start, _ in several[1:]], account
        assert all(end is None or start < end for start, end in several), account
        died = lives[account][1]
        assert ends[-1] == (died if died is not None and died <= AS_OF else None), account


# --- law 2: additive -------------------------------------------------------------------------------------------------


def test_contributions_sum_to_the_score(base: LawBuild) -> None:
    sums: dict[tuple[str, dt.date], Decimal] = defaultdict(Decimal)
    weights: dict[tuple[str, dt.date], Decimal] = defaultdict(Decimal)
    for account, day, status, contribution, weight in base.query(
        "select account_id, snapshot_date, status, contribution, weight from fct_health_score_components"
    ):
        if contribution is not None:
            assert status in ("scored", "limit")
            sums[(account, day)] += contribution
        if weight is not None:
            weights[(account, day)] += weight
    scores = base.query("select account_id, snapshot_date, computed_score from fct_health_scores")
    scored = {(account, day): score for account, day, score in scores if score is not None}
    assert len(scored) > 1000
    assert dict(sums) == scored
    # Nine decimals a weight: the sum of up to eighteen may be off by so much and no more.
    assert all(abs(total - 1) <= Decimal("0.000000018") for total in weights.values())


def test_mrr_opening_plus_movements_is_closing(base: LawBuild) -> None:
    """Per account and in total, month after month from zero."""
    moved: dict[str, dict[dt.date, tuple[Decimal, Decimal, Decimal]]] = defaultdict(dict)
    for account, month, *amounts in base.query(
        "select account_id, month, opening_mrr, mrr, closing_mrr from fct_mrr_movements"
    ):
        assert month not in moved[account], (account, month)
        moved[account][month] = (amounts[0], amounts[1], amounts[2])
    paid: dict[dt.date, dict[str, Decimal]] = defaultdict(dict)
    for account, month, mrr in base.query(
        "select account_id, month, mrr from fct_account_mrr where account_id is not null"
    ):
        paid[month][account] = mrr
    standing: dict[str, Decimal] = defaultdict(Decimal)
    months = sorted(set(paid) | {month for by_month in moved.values() for month in by_month})
    for month in months:
        total = sum(standing.values(), Decimal(0))
        for account in moved:
            if month in moved[account]:
                opening, change, closing = moved[account][month]
                assert opening == standing[account], (account, month)
                assert opening + change == closing, (account, month)
                standing[account] = closing
            assert standing[account] == paid[month].get(account, Decimal(0)), (account, month)
        change = sum((by_month[month][1] for by_month in moved.values() if month in by_month), Decimal(0))
        assert total + change == sum(standing.values(), Decimal(0)), month
    assert sum(standing.values()) > 0


# --- law 5: delivery does not matter ---------------------------------------------------------------------------------

OUTDATED: dict[TableKey, Row] = {
    ("salesforce", "account"): {"name": "Old Name", "website": "old.example", "account_number": None},
    ("salesforce", "account_history"): {"name": "Old Name", "owner_id": "005OLD"},
    ("salesforce", "contact"): {"title": "Intern"},
    ("salesforce", "opportunity"): {"is_closed": False, "is_won": False, "type": "Renewal"},
    ("salesforce", "task"): {"is_closed": False, "status": "Not Started", "completed_date_time": None},
    ("salesforce", "event"): {"type": "Call"},
    ("salesforce", "user"): {"title": "Trainee"},
    ("stripe", "customer"): {"metadata": "{}", "name": "old name", "email": "old@old.example"},
    ("stripe", "subscription_history"): {"ended_at": None, "canceled_at": None, "status": "active"},
    ("stripe", "subscription_item"): {"quantity": 999},
    ("stripe", "price"): {"unit_amount": 1, "unit_amount_decimal": "1"},
    ("stripe", "product"): {"name": "Old Product"},
    ("stripe", "coupon"): {"percent_off": 99.0},
    ("stripe", "subscription_discount"): {"end": None},
    ("stripe", "invoice"): {"status": "open", "status_transitions_paid_at": None},
    ("stripe", "invoice_line_item"): {"amount": 1},
    ("stripe", "charge"): {"status": "failed", "paid": False},
    ("segment", "tracks"): {"event": "action_failed"},
    ("segment", "identifies"): {"role": "old"},
    ("segment", "groups"): {"name": "Old Name", "domain": "old.example", "group_id": "ws_old"},
    ("zendesk", "organization"): {"name": "Old Name", "external_id": None},
    ("zendesk", "domain_name"): {"domain_name": "old.example"},
    ("zendesk", "user"): {"organization_id": None},
    ("zendesk", "ticket"): {"status": "new", "priority": "low"},
    ("zendesk", "ticket_field_history"): {"value": "old"},
    ("zendesk", "ticket_comment"): {"body": "old"},
    ("qualtrics", "survey"): {"survey_name": "Old"},
    ("qualtrics", "question"): {"question_text": "Old?"},
    ("qualtrics", "survey_response"): {"recipient_email": "old@old.example"},
    ("qualtrics", "question_response"): {"value": "1"},
    ("qualtrics", "survey_embedded_data"): {"value": "old"},
}
"""What an older delivery of a row said, table by table."""

REPEATED, RESENT = 0.10, 0.05
"""Shares of the rows that are delivered a second time as they are, and in an older version."""

Delivery = Counter[tuple[str, str, str, str]]
"""Rows by system, table, key and the reason they are rejected for."""


def _delivered_badly(company: Company) -> tuple[Raw, Delivery]:
    """The rows in another order, some twice, some in an older version too; and what must be rejected for it."""
    order = random.Random(20)
    raw, refused = copy_of(company.rows), Counter[tuple[str, str, str, str]]()
    reasons = {(s, t, key): reason for s, t, key, reason in _planted(company) if reason != "duplicate"}
    for table, rows in raw.items():
        keys = keys_of(table, rows)
        again = order.sample(range(len(rows)), k=max(1, round(REPEATED * len(rows))))
        added = [dict(rows[index]) for index in again]
        for index in again:
            key = keys[index]
            reason = reasons.get((*table, key or ""), "duplicate") if key is not None else "missing_key"
            refused[(*table, key if key is not None else "no key", reason)] += 1
        # Only of rows that are sound: an older delivery of a row that is deleted would say when it was deleted.
        sound = [
            index for index, key in enumerate(keys)
            if key is not None and (*table, key) not in reasons and not rows[index].get("is_deleted")
        ]  # fmt: skip
        for index in order.sample(sound, k=max(1, round(RESENT * len(sound)))):
            loaded = LOADED_AT[table]
            # Long before the row's other deliveries, planted ones included, but not before the event it tells of.
            earlier = rows[index][loaded] - dt.timedelta(minutes=50)
            kept = {name: rows[index][name] for name in key_columns(table)}
            added.append({**rows[index], **OUTDATED[table], **kept, loaded: earlier})
            refused[(*table, keys[index] or "", "duplicate")] += 1
        raw[table] = shuffled(rows + added, 21)
    return raw, refused


@pytest.fixture(scope="module")
def bad_delivery(company: Company) -> tuple[Raw, Delivery]:
    return _delivered_badly(company)


@pytest.fixture(scope="module")
def badly_delivered(company: Company, bad_delivery: tuple[Raw, Delivery], workshop: Workshop) -> LawBuild:
    folder = land(bad_delivery[0], company.folder.with_name("badly_delivered"), files=3)
    return workshop.build("badly_delivered", folder)


@pytest.mark.parametrize("table", [name for name in PUBLIC_TABLES if name != "fct_rejected_rows"])
def test_shuffled_repeated_and_resent_rows_give_the_same_table(
    base: LawBuild, badly_delivered: LawBuild, table: str
) -> None:
    """All but fct_rejected_rows, which is about deliveries: it must list the repeats, and nothing else (next test)."""
    assert differences(base, badly_delivered, "main", table) == 0


def test_the_rejected_rows_grow_by_exactly_the_repeats(
    base: LawBuild, badly_delivered: LawBuild, bad_delivery: tuple[Raw, Delivery]
) -> None:
    before, after = _rejected(base), _rejected(badly_delivered)
    assert after - before == bad_delivery[1]
    assert before - after == Counter()
    assert len(bad_delivery[1]) > 1000


def _rejected(build: LawBuild) -> Delivery:
    return Counter(
        build.query(
            "select source_system, source_table, case when row_key like 'row %' then 'no key' else row_key end, reason"
            " from fct_rejected_rows"
        )
    )


# --- law 6: nothing lost ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lost_customer(base: LawBuild) -> str:
    """The matched billing customer with the most MRR."""
    ((customer,),) = base.query(
        "select entity_id from fct_account_matches where entity_type = 'billing_customer' and account_id is not null"
        " order by mrr_at_stake desc, entity_id limit 1"
    )
    return str(customer)


@pytest.fixture(scope="module")
def without_a_customer(company: Company, lost_customer: str, workshop: Workshop) -> LawBuild:
    raw = dict(company.rows)
    source_id = lost_customer.removeprefix("stripe:")
    raw[("stripe", "customer")] = [row for row in raw[("stripe", "customer")] if row["id"] != source_id]
    return workshop.build("without_a_customer", land(raw, company.folder.with_name("without_a_customer")))


def test_a_customer_whose_row_is_missing_keeps_its_money_and_is_shown_unmatched(
    base: LawBuild, without_a_customer: LawBuild, lost_customer: str
) -> None:
    totals = "select month, sum(mrr) from fct_account_mrr group by month order by month"
    assert without_a_customer.query(totals) == base.query(totals)
    match = "select match_status, account_id, mrr_at_stake from fct_account_matches where entity_id = '{}'"
    ((_, account, mrr),) = base.query(match.format(lost_customer))
    assert account is not None
    assert mrr > 0
    assert without_a_customer.query(match.format(lost_customer)) == [("unmatched", None, mrr)]
    owned = "select sum(mrr) from fct_account_mrr where unmatched_customer_id = '{}' and observed_on = '{}'"
    assert without_a_customer.query(owned.format(lost_customer, AS_OF)) == [(mrr,)]
    account_mrr = "select coalesce(sum(mrr), 0) from fct_account_mrr where account_id = '{}' and observed_on = '{}'"
    ((before,),) = base.query(account_mrr.format(account, AS_OF))
    assert without_a_customer.query(account_mrr.format(account, AS_OF)) == [(before - mrr,)]


def test_a_missing_customer_orphans_no_subscription(base: LawBuild, without_a_customer: LawBuild) -> None:
    rejected = (
        "select source_table, reason, count(*) from fct_rejected_rows"
        " where source_table like 'subscription%' group by all"
    )
    assert sorted(without_a_customer.query(rejected)) == sorted(base.query(rejected))


def _planted(company: Company) -> Iterable[tuple[Any, ...]]:
    return duckdb.sql(f"select * from {company.truth('rows')}").fetchall()
