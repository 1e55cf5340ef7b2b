"""The generated company: what the build says against what was planted and against figures worked out in Python."""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from law_builds import AS_OF, PUBLIC_TABLES, Company, LawBuild, Workshop
from real_builds import ROOT
from reference_mrr import Books, Cohort, movements, read_books, retention, to_cents
from strata.generate import GenerateConfig, generate
from strata.generate.schemas import SCHEMAS, TableKey

pytest_plugins = ["law_fixtures"]

LEVELS = ("novice", "practitioner", "expert")
LEAST_MACRO_F1 = 0.5
MOST_OPPOSITE = 0.05
"""Share of the accounts of known level that are taken for the opposite one, at most."""
OTHER_ACCOUNTS = 400
OTHER_SEEDS = [int(seed) for seed in os.environ.get("STRATA_SKILL_SEEDS", "").split(",") if seed]
"""Seeds of further companies to try, such as 7,11; a build each."""


@pytest.fixture(scope="module")
def books(company: Company) -> Books:
    return read_books(company.folder, ROOT / "seeds" / "policy" / "currency_rates.csv")


def test_the_list_of_public_tables_is_the_one_of_the_build(base: LawBuild) -> None:
    """The tests of the laws run over this list: a table that is added must be in it."""
    assert base.tables("main") == sorted(PUBLIC_TABLES)


# --- the roll-up ------------------------------------------------------------------------------------------------------


def test_every_event_that_names_a_workspace_is_rolled_up(base: LawBuild) -> None:
    """Day by day: what reads the events by the day skips none, in a full build either."""
    rolled_up = base.query(
        "select activity_date, sum(actions) from main_features.int_user_days where is_named group by all order by all"
    )
    events = base.query(
        "select cast(occurred_at as date), sum(event_count) from main_canonical.usage_events"
        " where workspace_id is not null group by all order by all"
    )
    assert rolled_up == events
    assert len(events) > 300


# --- rejected rows ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", sorted(SCHEMAS), ids=".".join)
def test_exactly_the_planted_rows_are_rejected_each_for_its_reason(
    base: LawBuild, company: Company, key: TableKey
) -> None:
    """Both ways: every broken, repeated or deleted row is found under its reason, and no sound row is rejected."""
    planted = duckdb.sql(
        f"select coalesce(raw_key, 'no key'), reason from {company.truth('rows')}"
        f" where source_system = '{key[0]}' and source_table = '{key[1]}'"
    ).fetchall()
    # A row without a key is shown by its fingerprint; those are compared by number.
    found = base.query(
        "select case when row_key like 'row %' then 'no key' else row_key end, reason from fct_rejected_rows"
        f" where source_system = '{key[0]}' and source_table = '{key[1]}'"
    )
    assert Counter(found) == Counter(planted)


def test_every_kind_of_row_is_planted(company: Company) -> None:
    """Or the test above would show little."""
    reasons = {reason for (reason,) in duckdb.sql(f"select distinct reason from {company.truth('rows')}").fetchall()}
    assert len(reasons) >= 13, reasons


@pytest.mark.parametrize("key", sorted(SCHEMAS), ids=".".join)
def test_raw_rows_are_accepted_or_rejected(base: LawBuild, company: Company, key: TableKey) -> None:
    """Law 6, counted outside the SQL: rows of the files, of staging, and of fct_rejected_rows."""
    system, table = key
    ((accepted,),) = base.query(
        f"select count(*) from main_staging.stg_{system}__{table} where rejected_reason is null"
    )
    ((rejected,),) = base.query(
        f"select count(*) from fct_rejected_rows where source_system = '{system}' and source_table = '{table}'"
    )
    assert len(company.rows[key]) == accepted + rejected
    assert accepted > 0


# --- MRR -------------------------------------------------------------------------------------------------------------


def test_mrr_of_every_month_is_that_of_the_raw_files(base: LawBuild, books: Books) -> None:
    """All accounts and unmatched customers together, to the cent (and to the last of four decimals)."""
    wrong = []
    months = base.query("select month, observed_on from main_features.int_months order by month")
    paid = dict(base.query("select month, sum(mrr) from fct_account_mrr group by month"))
    for month, last_day in months:
        expected = sum(books.mrr_of(last_day).values(), Decimal(0))
        found = paid.get(month, Decimal(0))
        if to_cents(found) != to_cents(expected) or found != expected:
            wrong.append((month, found, expected))
    assert not wrong
    assert sum(mrr > 0 for mrr in paid.values()) >= 15
    assert months[-1][1] == AS_OF


def test_mrr_of_every_customer_is_that_of_the_raw_files(base: LawBuild, books: Books) -> None:
    """On the run's own day, matched or not: nobody's money is counted for another."""
    found = base.query(
        "select entity_id, mrr_at_stake from fct_account_matches"
        " where entity_type = 'billing_customer' and mrr_at_stake <> 0"
    )
    expected = {f"stripe:{customer}": mrr for customer, mrr in books.mrr_of(AS_OF).items() if mrr}
    assert dict(found) == expected
    assert len(expected) > 30


def test_the_company_exercises_every_rule_of_mrr(company: Company, books: Books) -> None:
    """Currencies without cents, all intervals, discounts in percent and in amounts, trials: else it shows little."""
    assert {fee.currency for fee in books.fees} >= {"usd", "eur", "gbp", "jpy"}
    assert len({fee.bill_months for fee in books.fees}) >= 3
    assert any(one.percent for one in books.discounts)
    assert any(one.amount for one in books.discounts)
    assert any(
        row["recurring_usage_type"] == "metered" or row["type"] == "one_time"
        for row in company.rows[("stripe", "price")]
    )
    assert any(row["trial_end"] for row in company.rows[("stripe", "subscription_history")])


def test_movements_are_those_of_the_closings_of_the_months(base: LawBuild) -> None:
    """Recomputed in Python from account × month: kind, opening, closing and difference."""
    months = [month for (month,) in base.query("select month from main_features.int_months order by month")]
    closings: dict[str, dict[dt.date, Decimal]] = {}
    for account, month, mrr in base.query(
        "select account_id, month, mrr from fct_account_mrr where account_id is not null"
    ):
        closings.setdefault(account, {})[month] = mrr
    expected = {
        (account, month, one.movement, one.opening, one.closing, one.closing - one.opening)
        for account, by_month in closings.items()
        for month, one in movements(by_month, months).items()
    }
    found = base.query("select account_id, month, movement, opening_mrr, closing_mrr, mrr from fct_mrr_movements")
    assert len(found) == len(set(found))
    # Two that were merged: what one hands over the other gets, in place of a churn and a new customer.
    transfers = [(month, account, mrr) for account, month, movement, _, _, mrr in found if movement == "transfer"]
    by_month: dict[dt.date, Decimal] = defaultdict(Decimal)
    for month, _, mrr in transfers:
        by_month[month] += mrr
    assert by_month
    assert set(by_month.values()) == {Decimal(0)}
    merged = {(account, month) for month, account, _ in transfers}
    assert {row for row in found if row[:2] not in merged} == {row for row in expected if row[:2] not in merged}
    assert {movement for _, _, movement, *_ in found} >= {"new", "expansion", "contraction", "churn"}


def test_retention_is_that_of_the_accounts_in_the_segment_at_the_start(base: LawBuild) -> None:
    """Recomputed in Python from account × month and the segment intervals, over a month and over twelve."""
    months = base.query("select month, observed_on from main_features.int_months order by month")
    paid: dict[dt.date, dict[str, Decimal]] = {month: {} for month, _ in months}
    for month, account, mrr in base.query(
        "select month, account_id, mrr from fct_account_mrr where account_id is not null"
    ):
        paid[month][account] = mrr
    intervals: dict[str, list[tuple[dt.date, dt.date | None, str]]] = {}
    for account, start, end, segment in base.query(
        "select account_id, valid_from, valid_to, segment from fct_segment_assignments"
        " where segment_scheme = 'touch_model'"
    ):
        intervals.setdefault(account, []).append((start, end, segment))

    def segment_of(account: str, day: dt.date) -> str:
        held = [name for start, end, name in intervals[account] if start <= day and (end is None or day < end)]
        return held[0] if held else "no_segment"

    heirs = base.query("select account_id, heir_account_id, valid_from, valid_to from main_features.int_account_heirs")

    def handed_over(before: dt.date, now: dt.date, day: dt.date) -> dict[str, str]:
        """Who paid before and was merged since into an account that pays now, and into which."""
        return {
            account: heir
            for account, heir, start, end in heirs
            if start <= day and (end is None or day < end)
            if account in paid[before] and account not in paid[now] and heir in paid[now]
        }

    found = {
        (month, segment): rates
        for month, segment, *rates in base.query(
            "select month, segment, nrr, grr, logo_churn, nrr_12m, grr_12m, logo_churn_12m"
            " from fct_revenue_retention where segment_scheme = 'touch_model'"
        )
    }
    compared = 0
    merged = 0
    for at, (month, closed_on) in enumerate(months):
        expected: dict[str, list[Decimal | None]] = {}
        for place, window in enumerate((1, 12)):
            before, opened_on = months[at - window] if at >= window else (None, None)
            if before is None or opened_on is None:
                continue
            cohorts: dict[str, Cohort] = {}
            successors = handed_over(before, month, closed_on)
            merged += len(successors)
            for account, mrr in paid[before].items():
                cohort = cohorts.setdefault(segment_of(account, opened_on), Cohort([], []))
                # Here nobody is merged into a customer, so all that the heir pays was handed over.
                assert account not in successors.values()
                cohort.amounts.append((mrr, paid[month].get(successors.get(account, account), Decimal(0))))
                cohort.active.append(account in paid[month] or account in successors)
            for segment, cohort in cohorts.items():
                expected.setdefault(segment, [None] * 6)[3 * place : 3 * place + 3] = retention(cohort)
        for segment, rates in expected.items():
            if rates != [None] * 6:
                assert found[month, segment] == rates, (month, segment)
                compared += 1
    assert compared > 30
    assert merged > 0


# --- segments --------------------------------------------------------------------------------------------------------


def test_sophistication_is_the_planted_one(base: LawBuild, company: Company) -> None:
    _holds(_confusion(base, company.folder))


@pytest.mark.parametrize("seed", OTHER_SEEDS or [pytest.param(0, marks=pytest.mark.skip("no STRATA_SKILL_SEEDS"))])
def test_sophistication_is_the_planted_one_for_any_seed(seed: int, workshop: Workshop, tmp_path: Path) -> None:
    generate(GenerateConfig(accounts=OTHER_ACCOUNTS, months=15, seed=seed, as_of=AS_OF, out=tmp_path / "raw"))
    _holds(_confusion(workshop.build(f"skill_{seed}", tmp_path / "raw"), tmp_path / "raw"))


def _confusion(build: LawBuild, raw: Path) -> Counter[tuple[str, str]]:
    """Accounts by planted and found level, over customers whose use is seen."""
    planted = dict(
        duckdb.sql(
            "select 'salesforce:' || salesforce_account_id, sophistication"
            f" from read_parquet('{raw}/_truth/accounts.parquet')"
        ).fetchall()
    )
    found = build.query(
        "select account_id, sophistication from dim_accounts where is_customer and sophistication <> 'unknown'"
    )
    return Counter((planted[account], level) for account, level in found)


def _holds(confusion: Counter[tuple[str, str]]) -> None:
    """Far better than chance, and hardly anybody is taken for the opposite."""
    accounts, table = confusion.total(), _as_table(confusion)
    f1 = sum(_f1(confusion, level) for level in LEVELS) / len(LEVELS)
    print(f"\n{table}\nmacro F1 {f1:.2f} over {accounts}")
    opposite = confusion[("novice", "expert")] + confusion[("expert", "novice")]
    assert accounts >= 30, table
    assert f1 > LEAST_MACRO_F1, f"macro F1 {f1:.2f}\n{table}"
    assert opposite <= MOST_OPPOSITE * accounts, f"{opposite} of {accounts} taken for the opposite\n{table}"


def test_size_is_not_skill(base: LawBuild, company: Company) -> None:
    """Planted independently, so every level must be found among the small and among the large."""
    pairs = base.query("select distinct sophistication, segment from dim_accounts where is_customer")
    assert len({level for level, _ in pairs}) >= 3
    assert len({segment for _, segment in pairs}) >= 3


def test_brands_are_the_planted_ones_and_lift_the_value_band(base: LawBuild, company: Company) -> None:
    planted = {
        account
        for (account,) in duckdb.sql(
            f"select 'salesforce:' || salesforce_account_id from {company.truth('accounts')} where is_brand"
        ).fetchall()
    }
    accounts = {account for (account,) in base.query("select account_id from dim_accounts")}
    assert planted & accounts
    assert {
        account for (account,) in base.query("select account_id from dim_accounts where brand is not null")
    } == planted & accounts
    orders = dict(base.query("select band, band_order from main_policy.bands where band_set = 'value'"))
    bounds = base.query("select band_order, lower_bound, upper_bound from main_policy.bands where band_set = 'value'")
    for account, band, mrr, brand in base.query("select account_id, value_band, mrr, brand from dim_accounts"):
        plain = next(
            order for order, low, high in bounds if (low is None or mrr >= low) and (high is None or mrr < high)
        )
        lift = 1 if brand is not None else 0
        assert orders[band] == min(plain + lift, max(orders.values())), account


def _f1(confusion: Counter[tuple[str, str]], level: str) -> float:
    hits = confusion[(level, level)]
    planted = sum(count for (row, _), count in confusion.items() if row == level)
    found = sum(count for (_, column), count in confusion.items() if column == level)
    return 2 * hits / (planted + found) if planted + found else 0.0


def _as_table(confusion: Counter[tuple[str, str]]) -> str:
    lines = [f"{'planted / found':>16}" + "".join(f"{level:>14}" for level in LEVELS)]
    lines += [f"{row:>16}" + "".join(f"{confusion[(row, level)]:>14}" for level in LEVELS) for row in LEVELS]
    return "\n".join(lines)
