"""What the real files say, worked out from them alone.

Nothing here goes through SQL, dbt or the package: the csv module, decimals and dates only, so that an error in the
models cannot repeat itself here. Money is in US dollars, dates are days, intervals are half-open: an end day is the
first day on which the thing no longer runs.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

Row = dict[str, str]


def read_rows(path: Path) -> list[Row]:
    """All rows of one CSV file, plain or gzipped, with or without a byte-order mark."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def day(text: str) -> date:
    """A day written yyyy-mm-dd or dd-mm-yyyy, its time of day ignored. Raises ValueError when it is neither."""
    parts = text.split(" ")[0].split("-")
    if len(parts[0]) == 4:
        return date(int(parts[0]), int(parts[1]), int(parts[2]))
    return date(int(parts[2]), int(parts[1]), int(parts[0]))


def years_later(start: date, years: int) -> date:
    """The same day so many years later; of 29 February the 28th where there is none."""
    is_leap_day = (start.month, start.day) == (2, 29) and (start.year + years) % 4
    return date(start.year + years, start.month, 28 if is_leap_day else start.day)


def optional_day(text: str) -> date | None:
    """A day, or None for an empty cell."""
    return day(text) if text else None


def is_true(text: str) -> bool:
    """True or TRUE."""
    return text.lower() == "true"


@dataclass(frozen=True)
class PaidPeriod:
    """One account paying `mrr` from `start` until before `end` (None while it lasts)."""

    account: str
    start: date
    end: date | None
    mrr: Decimal

    def runs_on(self, moment: date) -> bool:
        return self.start <= moment and (self.end is None or moment < self.end)


def month_ends(first: date, last: date) -> list[date]:
    """The last day of every whole month from the month of `first` to that of `last`, none after `last`."""
    ends: list[date] = []
    year, month = first.year, first.month
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        end = date(year, month, 1) - timedelta(days=1)
        if end > last:
            return ends
        ends.append(end)


def mrr_by_account(periods: Iterable[PaidPeriod], moment: date) -> dict[str, Decimal]:
    """MRR of every account that pays at the end of the day `moment`."""
    totals: dict[str, Decimal] = {}
    for period in periods:
        if period.runs_on(moment):
            totals[period.account] = totals.get(period.account, Decimal(0)) + period.mrr
    return {account: mrr for account, mrr in totals.items() if mrr > 0}


def closing_mrr(periods: list[PaidPeriod], ends: list[date]) -> dict[date, Decimal]:
    """MRR of all accounts at each month's end."""
    return {end: sum(mrr_by_account(periods, end).values(), Decimal(0)) for end in ends}


@dataclass(frozen=True)
class Movement:
    """How one account's MRR moved from one month's end to the next; churn and contraction are negative."""

    account: str
    month_end: date
    kind: str
    amount: Decimal


def movements(periods: list[PaidPeriod], ends: list[date]) -> list[Movement]:
    """Every movement of every account, the crossings of zero tested first (field.md, Movement)."""
    found = []
    before: dict[str, Decimal] = {}
    ever: set[str] = set()
    for end in ends:
        now = mrr_by_account(periods, end)
        for account in sorted(before.keys() | now.keys()):
            was, is_now = before.get(account, Decimal(0)), now.get(account, Decimal(0))
            if was == is_now:
                continue
            if is_now == 0:
                kind = "churn"
            elif was == 0:
                kind = "reactivation" if account in ever else "new"
            else:
                kind = "expansion" if is_now > was else "contraction"
            found.append(Movement(account, end, kind, is_now - was))
        before = now
        ever |= now.keys()
    return found


@dataclass(frozen=True)
class Retention:
    """What became of the accounts that paid at the start of a window. churned: those that no longer pay."""

    opening: Decimal
    kept: Decimal
    end: Decimal
    customers: int
    churned: int

    @property
    def rates(self) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
        """NRR, GRR and logo churn at 6 decimals; None where nobody paid at the start."""
        if not self.customers:
            return None, None, None
        six = Decimal("0.000001")
        whole = (self.end / self.opening, self.kept / self.opening, Decimal(self.churned) / self.customers)
        nrr, grr, churn = (value.quantize(six, rounding=ROUND_HALF_UP) for value in whole)
        return nrr, grr, churn


def retention(periods: list[PaidPeriod], start: date, end: date) -> Retention:
    """From the end of one day to that of another."""
    before, after = mrr_by_account(periods, start), mrr_by_account(periods, end)
    return Retention(
        opening=sum(before.values(), Decimal(0)),
        kept=sum((min(mrr, after.get(account, Decimal(0))) for account, mrr in before.items()), Decimal(0)),
        end=sum((after.get(account, Decimal(0)) for account in before), Decimal(0)),
        customers=len(before),
        churned=sum(account not in after for account in before),
    )


Rates = tuple[Decimal | None, ...]


def retention_by_month(periods: list[PaidPeriod], ends: list[date]) -> dict[date, Rates]:
    """NRR, GRR and logo churn of each month, then those of the twelve months up to it; months with MRR only."""
    found: dict[date, Rates] = {}
    for at, end in enumerate(ends):
        windows = [ends[at - length] if at >= length else date.min for length in (1, 12)]
        if mrr_by_account(periods, end) or mrr_by_account(periods, windows[0]):
            found[end] = tuple(rate for start in windows for rate in retention(periods, start, end).rates)
    return found


@dataclass(frozen=True)
class Miaad:
    """The miaad files."""

    folder: Path

    def rows(self, table: str) -> list[Row]:
        """Rows of one file, by its name without extension."""
        plain = self.folder / f"{table}.csv"
        return read_rows(plain if plain.exists() else plain.with_suffix(".csv.gz"))

    def converted(self) -> set[str]:
        """Accounts that ever began to pay."""
        return {row["account_id"] for row in self.rows("subscriptions") if row["conversion_date"]}

    def churned(self) -> set[str]:
        """Accounts that paid and have cancelled."""
        return {
            row["account_id"] for row in self.rows("subscriptions") if row["conversion_date"] and row["cancel_date"]
        }

    def expired_trials(self) -> set[str]:
        """Accounts whose trial ended and that never paid."""
        return {row["account_id"] for row in self.rows("subscriptions") if row["status"] == "trial_expired"}

    def paid_periods(self) -> list[PaidPeriod]:
        """Conversion to cancellation, with the MRR of the file."""
        return [
            PaidPeriod(
                account=row["account_id"],
                start=day(row["conversion_date"]),
                end=optional_day(row["cancel_date"]),
                mrr=Decimal(row["monthly_recurring_revenue"]),
            )
            for row in self.rows("subscriptions")
            if row["conversion_date"]
        ]

    def funnel(self, activation: str, as_of: date) -> set[tuple[str, str, date, int | None]]:
        """(account, step, day, days since the trial began; None before it). Activated: the first `activation` event."""
        activated: dict[str, date] = {}
        for row in self.rows("product_events"):
            if row["event_name"] == activation:
                moment = day(row["event_timestamp"])
                activated[row["account_id"]] = min(moment, activated.get(row["account_id"], moment))
        found = set()
        for row in self.rows("subscriptions"):
            account, start = row["account_id"], day(row["trial_start_date"])
            steps = {
                "trial": start,
                "activated": activated.get(account),
                "converted": optional_day(row["conversion_date"]),
                "cancelled": optional_day(row["cancel_date"]) if row["conversion_date"] else None,
            }
            for step, moment in steps.items():
                if moment is not None and moment <= as_of:
                    found.add((account, step, moment, (moment - start).days if moment >= start else None))
        return found

    def in_trial_on(self, moment: date) -> set[str]:
        """Accounts whose trial days are running and that have not paid yet, known from what had happened by then."""
        trial_days = {row["account_id"]: int(row["trial_days"]) for row in self.rows("accounts")}
        found = set()
        for row in self.rows("subscriptions"):
            start = day(row["trial_start_date"])
            over = start + timedelta(days=trial_days[row["account_id"]])
            converted = optional_day(row["conversion_date"])
            if start <= moment < over and (converted is None or moment < converted):
                found.add(row["account_id"])
        return found


@dataclass(frozen=True)
class Ravenstack:
    """The ravenstack files, as published or as a spreadsheet re-saved them."""

    folder: Path

    def rows(self, table: str) -> list[Row]:
        """Rows of one file, by its name without `ravenstack_` and extension."""
        plain = self.folder / f"ravenstack_{table}.csv"
        if table == "support_tickets" and not plain.exists():
            plain = self.folder / "ravenstack_supports_ticket.csv"
        return read_rows(plain)

    def used_rows(self) -> list[Row]:
        """Rows of feature use that stand for one use or more."""
        return [row for row in self.rows("feature_usage") if int(row["usage_count"]) > 0]

    def paid_periods(self) -> list[PaidPeriod]:
        """Every subscription that is no trial, from start to end."""
        return [
            PaidPeriod(
                account=row["account_id"],
                start=day(row["start_date"]),
                end=optional_day(row["end_date"]),
                mrr=Decimal(row["mrr_amount"]),
            )
            for row in self.rows("subscriptions")
            if not is_true(row["is_trial"])
        ]

    def renewals(self, moment: date) -> dict[str, date | None]:
        """Account: when the term ends that carries most of what it pays; None where what is paid by the month does."""
        ends: dict[str, Counter[date | None]] = {}
        for row in self.rows("subscriptions"):
            start, end = day(row["start_date"]), optional_day(row["end_date"])
            if is_true(row["is_trial"]) or start > moment or (end is not None and end <= moment):
                continue
            term_ends = None
            if row["billing_frequency"] == "annual":
                term_ends = next(on for on in (years_later(start, years) for years in range(1, 99)) if on > moment)
            ends.setdefault(row["account_id"], Counter())[term_ends] += int(row["mrr_amount"])
        found: dict[str, date | None] = {}
        for account, amounts in ends.items():
            by_year = {on: amount for on, amount in amounts.items() if on is not None}
            is_bound = sum(by_year.values()) > amounts[None]
            found[account] = min(by_year, key=lambda on: (-by_year[on], on)) if is_bound else None
        return found

    def contradictions(self) -> dict[str, int]:
        """How many rows each kind of contradiction concerns, by the names of ravenstack__contradictions."""
        return {**self._account_contradictions(), **self._usage_contradictions(), **self._event_contradictions()}

    def _account_contradictions(self) -> dict[str, int]:
        accounts = self.rows("accounts")
        subscriptions = self.rows("subscriptions")
        open_now = [row for row in subscriptions if not row["end_date"]]
        has_event = {row["account_id"] for row in self.rows("churn_events")}
        has_open = {row["account_id"] for row in open_now}
        has_paid = {row["account_id"] for row in open_now if not is_true(row["is_trial"])}
        seats: Counter[str] = Counter()
        for row in open_now:
            seats[row["account_id"]] += int(row["seats"])

        def count(condition: Callable[[str, Row], bool]) -> int:
            return sum(condition(row["account_id"], row) for row in accounts)

        return {
            "account_flagged_churned_without_churn_event": count(
                lambda key, row: is_true(row["churn_flag"]) and key not in has_event
            ),
            "account_with_churn_event_not_flagged_churned": count(
                lambda key, row: not is_true(row["churn_flag"]) and key in has_event
            ),
            "account_flagged_churned_with_open_subscription": count(
                lambda key, row: is_true(row["churn_flag"]) and key in has_open
            ),
            "account_with_churn_event_and_open_subscription": count(
                lambda key, _row: key in has_event and key in has_open
            ),
            "account_on_trial_with_paid_subscription": count(
                lambda key, row: is_true(row["is_trial"]) and key in has_paid
            ),
            "account_seats_differ_from_open_subscriptions": count(lambda key, row: int(row["seats"]) != seats[key]),
            "subscription_ended_on_the_day_it_began": sum(
                row["end_date"] == row["start_date"] for row in subscriptions
            ),
        }

    def _usage_contradictions(self) -> dict[str, int]:
        subscriptions = {row["subscription_id"]: row for row in self.rows("subscriptions")}
        used = self.used_rows()
        before = after = without = 0
        for row in used:
            subscription = subscriptions.get(row["subscription_id"])
            if subscription is None:
                without += 1
                continue
            on, end = day(row["usage_date"]), optional_day(subscription["end_date"])
            before += on < day(subscription["start_date"])
            after += end is not None and on >= end
        rows_by_id = Counter(row["usage_id"] for row in used)
        return {
            "usage_before_subscription_began": before,
            "usage_after_subscription_ended": after,
            "usage_without_subscription": without,
            "usage_id_shared_by_different_rows": sum(rows > 1 for rows in rows_by_id.values()),
        }

    def _event_contradictions(self) -> dict[str, int]:
        signed_up = {row["account_id"]: day(row["signup_date"]) for row in self.rows("accounts")}
        events = self.rows("churn_events")
        first_churn: dict[str, date] = {}
        for row in events:
            on = day(row["churn_date"])
            first_churn[row["account_id"]] = min(on, first_churn.get(row["account_id"], on))
        return {
            "ticket_before_account_signed_up": sum(
                day(row["submitted_at"]) < signed_up[row["account_id"]] for row in self.rows("support_tickets")
            ),
            "reactivation_without_earlier_churn": sum(
                is_true(row["is_reactivation"]) and first_churn[row["account_id"]] >= day(row["churn_date"])
                for row in events
            ),
        }
