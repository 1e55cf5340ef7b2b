"""miaad through the door for own tables: the built tables against what its files say."""

from __future__ import annotations

import gzip
import random
from calendar import monthrange
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from real_builds import (
    Build,
    build_company,
    built_movements,
    built_retention,
    count_rows,
    differences,
    real_folder,
)  # fmt: skip
from reference_real import (
    Miaad,
    closing_mrr,
    day,
    month_ends,
    movements,
    mrr_by_account,
    read_rows,
    retention_by_month,
)

AS_OF = date(2026, 3, 31)
# What the whole company is compared on. The rest of the public tables is built from a small part of it, below.
REVENUE = [
    "staging", "canonical", "+fct_account_mrr", "+fct_mrr_movements", "+fct_revenue_retention",
    "+fct_invoice_differences", "+fct_account_matches", "+fct_rejected_rows",
]  # fmt: skip


@pytest.fixture(scope="session")
def files() -> Miaad:
    return Miaad(real_folder("miaad_saas_growth"))


@pytest.fixture(scope="session")
def build(files: Miaad, tmp_path_factory: pytest.TempPathFactory) -> Build:
    return build_company("miaad", files.folder, tmp_path_factory.mktemp("miaad"), REVENUE, unit_tests=False)


def test_every_raw_row_is_accepted_or_rejected(build: Build, files: Miaad) -> None:
    for table in build.raw_tables():
        accepted, rejected = count_rows(build, table)
        assert accepted + rejected == len(files.rows(table)), table
        assert rejected == 0, f"{table}: every row of the published files is sound"


def test_converted_churned_and_active_accounts_are_those_of_the_files(build: Build, files: Miaad) -> None:
    rows = build.query(
        """
        select accounts.source_account_id, max(case when items.valid_to is null then 1 else 0 end) = 1
        from main_canonical.subscription_items as items
        join main_canonical.subscriptions as subscriptions using (subscription_id)
        join main_canonical.customers as customers using (customer_id)
        join main_canonical.accounts as accounts on customers.account_reference = accounts.source_account_id
        where items.unit_amount > 0
        group by accounts.source_account_id
        """
    )
    converted = {account for account, _ in rows}
    active = {account for account, is_active in rows if is_active}
    assert converted == files.converted()
    assert converted - active == files.churned()
    assert (len(converted), len(converted - active), len(active)) == (5617, 3530, 2087)


def test_a_trial_that_never_converted_has_no_price_and_ends_with_the_trial(build: Build, files: Miaad) -> None:
    rows = build.query(
        """
        select
            customers.account_reference,
            subscriptions.trial_ends_at = subscriptions.ended_at,
            count(items.subscription_item_id)
        from main_canonical.subscriptions as subscriptions
        join main_canonical.customers as customers using (customer_id)
        left join main_canonical.subscription_items as items using (subscription_id)
        group by all
        """
    )
    by_account: dict[str, list[tuple[bool | None, int]]] = {}
    for account, ends_with_trial, items in rows:
        by_account.setdefault(account, []).append((ends_with_trial, items))
    expired = files.expired_trials()
    assert len(expired) == 6383
    assert {account for account, found in by_account.items() if found == [(True, 0)]} == expired


def test_mrr_at_every_month_end_is_that_of_the_files(build: Build, files: Miaad) -> None:
    expected = closing_mrr(files.paid_periods(), month_ends(date(2024, 1, 1), AS_OF))
    assert len(expected) == 27
    built = dict(
        build.query("select observed_on, sum(mrr) from main.fct_account_mrr where mrr > 0 group by observed_on")
    )
    assert built == expected
    from_canonical = {
        end: build.query(
            f"""
            select sum(unit_amount * quantity) from main_canonical.subscription_items
            where valid_from <= '{end}' and (valid_to is null or valid_to > '{end}')
            """
        )[0][0]
        for end in expected
    }
    assert from_canonical == expected


def test_movements_are_those_of_the_files(build: Build, files: Miaad) -> None:
    expected = movements(files.paid_periods(), month_ends(date(2024, 1, 1), AS_OF))
    assert built_movements(build) == sorted((move.account, move.month_end, move.kind, move.amount) for move in expected)
    assert {kind: sum(move.kind == kind for move in expected) for kind in ("new", "churn")} == {
        "new": 5617,
        "churn": 3530,
    }


def test_retention_is_that_of_the_files(build: Build, files: Miaad) -> None:
    """NRR, GRR and logo churn of each month and of twelve months."""
    expected = retention_by_month(files.paid_periods(), month_ends(date(2024, 1, 1), AS_OF))
    assert built_retention(build) == expected
    assert sum(rates[4] is not None and rates[4] < 1 for rates in expected.values()) >= 6


def test_what_was_invoiced_otherwise_is_what_the_files_say(build: Build, files: Miaad) -> None:
    """Bills are monthly and in advance: whoever leaves within the month that was billed is all that differs.

    A bill counts for its month, and where the customer goes on for a day longer: the next one may be late.
    """

    def month_later(issued: date) -> date:
        year, month = issued.year + issued.month // 12, issued.month % 12 + 1
        return date(year, month, min(issued.day, monthrange(year, month)[1]))

    bills: dict[str, list[tuple[date, Decimal]]] = {}
    for row in files.rows("invoices"):
        bills.setdefault(row["account_id"], []).append((day(row["invoice_date"]), Decimal(row["amount"])))
    expected = set()
    for end in month_ends(date(2024, 1, 1), AS_OF):
        paying = mrr_by_account(files.paid_periods(), end)
        for account, several in bills.items():
            issued, amount = max((bill for bill in several if bill[0] <= end), default=(date.min, Decimal(0)))
            paid = paying.get(account, Decimal(0))
            counts = (end - issued).days <= 31 if paid else issued > date.min and end < month_later(issued)
            invoiced = amount if counts else Decimal(0)
            if invoiced != paid:
                expected.add((account, end, invoiced, paid))
    built = build.query(
        """
        select accounts.source_account_id, months.observed_on, invoiced_mrr, contracted_mrr
        from main.fct_invoice_differences as differences
        join main_canonical.accounts as accounts using (account_id)
        join (select distinct month, observed_on from main_features.int_months) as months using (month)
        """
    )
    assert len(built) == len(set(built))
    assert set(built) == expected
    assert build.query("select distinct reason from main.fct_invoice_differences") == [("not_contracted",)]


def test_funnel_and_time_to_value_are_those_of_the_files(small_build: Build, files: Miaad) -> None:
    """Trial, activated (the first project), converted, cancelled: who, when and after how many days."""
    kept = {row["account_id"] for row in small_rows(files)["accounts"]}
    expected = {move for move in files.funnel("created_project", AS_OF) if move[0] in kept}
    names = {
        "trial": "trial",
        "core_feature:projects": "activated",
        "contract": "converted",
        "first_churn": "cancelled",
    }
    built = small_build.query(
        """
        select accounts.source_account_id, reached.milestone, reached.reached_on, reached.days_since_start
        from main.fct_journey_milestones as reached join main.dim_accounts as accounts using (account_id)
        """
    )
    found = {(account, names[name], on, days) for account, name, on, days in built if name in names}
    assert found == expected
    steps = [sum(step == name for _, step, _, _ in found) for name in names.values()]
    assert steps[0] == SMALL
    assert all(count > 20 for count in steps)


def test_attention_that_nobody_records_is_not_observed(small_build: Build) -> None:
    """The files hold no contact and no manager: nobody is late for all we know, and nobody lacks what is not told."""
    told = dict(
        small_build.query(
            """
            select gaps.attention_status, count(*)
            from main.fct_attention_gaps as gaps join main.dim_accounts as accounts using (account_id)
            where accounts.is_customer group by all
            """
        )
    )
    assert told.get("not_observed", 0) > 10
    assert set(told) <= {"not_observed", "nothing_owed"}
    exceptions = {name for (name,) in small_build.query("select distinct exception from main.fct_process_exceptions")}
    assert not exceptions & {"neglected", "over_served", "no_csm", "no_decision_maker"}
    plays = {name for (name,) in small_build.query("select distinct play from main.fct_recommended_actions")}
    assert plays, "or nothing would be shown"
    assert "attention_overdue" not in plays
    counts = small_build.query("select accounts_overdue, accounts_over_served from main.fct_csm_portfolios")
    assert set(counts) == {(None, None)}


def test_trials_that_never_converted_never_move_and_so_never_churn(build: Build, files: Miaad) -> None:
    moved = {
        account
        for (account,) in build.query(
            """
            select distinct accounts.source_account_id
            from main.fct_mrr_movements join main_canonical.accounts as accounts using (account_id)
            """
        )
    }
    assert moved == files.converted()
    assert not moved & files.expired_trials()


def test_everything_is_matched_by_reference(build: Build, files: Miaad) -> None:
    rows = build.query(
        "select entity_type, match_method, count(*) from main.fct_account_matches group by all order by all"
    )
    accounts = len(files.rows("accounts"))
    assert rows == [
        ("billing_customer", "external_id", accounts),
        ("support_organization", "external_id", accounts),
        ("workspace", "external_id", accounts),
    ]
    assert build.query("select count(*) from main.fct_account_mrr where match_status = 'unmatched'") == [(0,)]


@pytest.mark.parametrize("moment", [date(2024, 3, 31), date(2025, 2, 14), date(2025, 10, 5), AS_OF])
def test_who_is_in_trial_on_a_day_follows_from_what_had_happened_by_then(
    build: Build, files: Miaad, moment: date
) -> None:
    """1,742 accounts convert after their trial ran out: in trial until then, they would tell of the conversion."""
    rows = build.query(
        f"""
        select distinct customers.account_reference
        from main_canonical.subscriptions as subscriptions
        join main_canonical.customers as customers using (customer_id)
        where started_at <= '{moment}' and trial_ends_at > '{moment}' and (ended_at is null or ended_at > '{moment}')
        """
    )
    assert {account for (account,) in rows} == files.in_trial_on(moment)


# --- The same door with bad and shuffled deliveries: few enough accounts for two whole builds ---

SMALL = 150


def write_csv(path: Path, rows: list[dict[str, str]], encoding: str = "utf-8") -> None:
    """Writes rows as CSV; these files quote nothing. A .gz suffix compresses."""
    header = list(rows[0])
    text = "\n".join([",".join(header), *(",".join(row[column] for column in header) for row in rows)]) + "\n"
    path.write_bytes(gzip.compress(text.encode(encoding)) if path.suffix == ".gz" else text.encode(encoding))


def small_rows(files: Miaad) -> dict[str, list[dict[str, str]]]:
    """Every row of the first accounts by id, of all five tables."""
    kept = {row["account_id"] for row in sorted(files.rows("accounts"), key=lambda row: row["account_id"])[:SMALL]}
    tables = ("accounts", "subscriptions", "invoices", "product_events", "support_tickets")
    return {table: [row for row in files.rows(table) if row["account_id"] in kept] for table in tables}


BROKEN = {
    "accounts": [
        ("missing_key", {"account_id": ""}),
        ("missing_required_value", {"account_id": "A90001", "signup_date": ""}),
        ("not_a_timestamp", {"account_id": "A90002", "signup_date": "soon"}),
        ("implausible_date", {"account_id": "A90003", "signup_date": "1970-01-01"}),
    ],
    "subscriptions": [
        ("missing_key", {"subscription_id": ""}),
        ("missing_required_value", {"subscription_id": "S90001", "account_id": ""}),
        ("not_a_timestamp", {"subscription_id": "S90002", "conversion_date": "2025-02-30"}),
        ("not_a_timestamp", {"subscription_id": "S90003", "cancel_date": "never"}),
        (
            "ends_before_it_starts",
            {"subscription_id": "S90004", "conversion_date": "2026-02-01", "cancel_date": "2026-01-01"},
        ),
        ("not_a_number", {"subscription_id": "S90005", "monthly_recurring_revenue": "forty"}),
        ("negative_amount", {"subscription_id": "S90006", "monthly_recurring_revenue": "-49"}),
        # More than money can hold here: it stopped the whole build.
        (
            "out_of_range",
            {
                "subscription_id": "S90008",
                "conversion_date": "2026-01-01",
                "cancel_date": "",
                "monthly_recurring_revenue": "20260101202601",
            },
        ),
        (
            "missing_required_value",
            {
                "subscription_id": "S90007",
                "conversion_date": "2026-01-01",
                "cancel_date": "",
                "monthly_recurring_revenue": "",
            },
        ),
    ],
    "invoices": [
        ("missing_required_value", {"invoice_id": "I9000001", "account_id": ""}),
        ("not_a_number", {"invoice_id": "I9000002", "amount": "49 dollars"}),
        ("negative_amount", {"invoice_id": "I9000003", "amount": "-49"}),
        ("out_of_range", {"invoice_id": "I9000004", "amount": "20260101202601"}),
    ],
    "product_events": [
        ("not_a_timestamp", {"event_id": "E90000001", "event_timestamp": "31/31/2025"}),
        ("missing_required_value", {"event_id": "E90000002", "event_name": ""}),
    ],
    "support_tickets": [
        ("missing_required_value", {"ticket_id": "K900001", "created_at": ""}),
        ("ends_before_it_starts", {"ticket_id": "K900002", "resolution_hours": "-1"}),
    ],
}


@pytest.fixture(scope="session")
def small_build(files: Miaad, tmp_path_factory: pytest.TempPathFactory) -> Build:
    folder = tmp_path_factory.mktemp("miaad_small")
    for table, rows in small_rows(files).items():
        write_csv(folder / f"{table}.csv", rows)
    return build_company("miaad", folder, tmp_path_factory.mktemp("miaad_small_build"), unit_tests=False)


@pytest.fixture(scope="session")
def spoiled_build(files: Miaad, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The same rows shuffled, a third of them twice, broken rows among them; one file with a mark, the rest gzipped."""
    folder = tmp_path_factory.mktemp("miaad_spoiled")
    chance = random.Random(7)
    for table, rows in small_rows(files).items():
        sent_twice = rows[::3]
        broken = [{**rows[0], **changes} for _, changes in BROKEN[table]]
        delivered = [*rows, *sent_twice, *broken]
        chance.shuffle(delivered)
        if table == "accounts":
            write_csv(folder / f"{table}.csv", delivered, encoding="utf-8-sig")
        else:
            write_csv(folder / f"{table}.csv.gz", delivered)
    return build_company("miaad", folder, tmp_path_factory.mktemp("miaad_spoiled_build"), unit_tests=False)


def test_broken_rows_are_rejected_with_their_reason_and_no_sound_row_is(
    small_build: Build, spoiled_build: Build, files: Miaad
) -> None:
    for table, rows in small_rows(files).items():
        accepted, rejected = count_rows(spoiled_build, table)
        assert accepted == len(rows), table
        assert rejected == len(rows[::3]) + len(BROKEN[table]), table
        found = spoiled_build.query(
            f"select rejected_reason from main_staging.stg_miaad__{table} where rejected_reason <> 'duplicate'"
        )
        assert sorted(reason for (reason,) in found) == sorted(reason for reason, _ in BROKEN[table]), table


def test_rejected_rows_are_public_with_their_reason(spoiled_build: Build) -> None:
    found = spoiled_build.query("select source_table, reason from main.fct_rejected_rows where reason <> 'duplicate'")
    assert sorted(found) == sorted((table, reason) for table, rows in BROKEN.items() for reason, _ in rows)


def test_delivery_does_not_matter(small_build: Build, spoiled_build: Build) -> None:
    """Law 5, on every canonical and public table; only the rejected rows themselves differ."""
    assert small_build.query("select count(*) from main.fct_rejected_rows") == [(0,)]
    for schema, one_of in (("main_canonical", "subscription_items"), ("main", "dim_accounts")):
        tables = small_build.tables(schema)
        assert one_of in tables
        for table in tables:
            if table != "fct_rejected_rows":
                assert differences(small_build, spoiled_build, schema, table) == 0, table


def test_stages_tell_trials_from_churn(small_build: Build, files: Miaad) -> None:
    kept = {row["account_id"] for row in small_rows(files)["accounts"]}
    stages: dict[str, set[str]] = {}
    for account, stage in small_build.query(
        """
        select accounts.source_account_id, stages.stage
        from main.fct_journey_stages as stages join main.dim_accounts as accounts using (account_id)
        """
    ):
        stages.setdefault(account, set()).add(stage)
    assert stages.keys() == kept
    expired = kept & files.expired_trials()
    assert len(expired) > 50
    for account in expired:
        assert stages[account] <= {"prospect", "buying"}, account
    now = dict(small_build.query("select source_account_id, stage from main.dim_accounts"))
    assert {account for account, stage in now.items() if stage == "churned"} == kept & files.churned()


def test_the_vars_of_the_company_name_every_model_of_its_folder(build: Build, files: Miaad) -> None:
    """A model left out of company.yml would be built and read by nobody; one named but missing would stop dbt."""
    folder = Path(__file__).parents[2] / "models" / "staging" / "miaad"
    named = build.variables["systems"]["miaad"]
    staged = {path.stem.removeprefix("stg_miaad__") for path in folder.glob("stg_miaad__*.sql")}
    mapped = {path.stem.removeprefix("miaad__") for path in folder.glob("miaad__*.sql")}
    assert staged == set(named["raw"])
    assert mapped - {"trial_outcomes"} == set(named["canonical"])
    assert len(read_rows(files.folder / "accounts.csv")) == 12_000
