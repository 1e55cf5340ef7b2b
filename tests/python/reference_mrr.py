"""MRR worked out from the raw Stripe files alone, in Python, with nothing of the SQL in it.

The rules: recurring fees normalised to a month (year ÷ 12, week × 52 ÷ 12, day × 365 ÷ 12), net of running discounts of
more than one bill, percentages first, each of what the others left, then amounts spread over the months of a bill; no
one-time fees, no metered usage, no trials; per subscription and currency at 4 decimals, half away from zero, in the
reporting currency.
"""

from __future__ import annotations

import calendar
import csv
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import prod
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

Row = dict[str, Any]

EPOCH = dt.datetime(2000, 1, 1)
BILLS_A_YEAR = {"day": 365, "week": 52, "month": 12, "quarter": 4, "year": 1}


@dataclass(frozen=True)
class Rate:
    """What one unit of a currency is worth from one day to another (None: still), and the digits of its minor unit."""

    digits: int
    rate: Fraction
    valid_from: dt.date
    valid_to: dt.date | None


@dataclass(frozen=True)
class Fee:
    """A recurring fee of a subscription, for as long as it is paid: [start, end), end None while it lasts.

    monthly: in major units of the currency. bill_months: months of one bill.
    """

    subscription_id: str
    customer_id: str
    currency: str
    monthly: Fraction
    bill_months: Fraction
    start: dt.date
    end: dt.date | None


@dataclass(frozen=True)
class Discount:
    """A discount of a subscription over [start, end): percent, or an amount off each bill in major units."""

    subscription_id: str
    percent: Fraction
    amount: Fraction
    start: dt.date
    end: dt.date | None


@dataclass(frozen=True)
class Books:
    """Everything that MRR is worked out from."""

    fees: tuple[Fee, ...]
    discounts: tuple[Discount, ...]
    rates: dict[str, list[Rate]]

    def mrr_of(self, day: dt.date) -> dict[str, Decimal]:
        """MRR of every customer who pays on that day, in the reporting currency."""
        bills: dict[tuple[str, str, str], list[Fee]] = defaultdict(list)
        for fee in self.fees:
            if _holds(fee.start, fee.end, day):
                bills[(fee.customer_id, fee.subscription_id, fee.currency)].append(fee)
        total: dict[str, Decimal] = defaultdict(Decimal)
        for (customer_id, subscription_id, currency), fees in bills.items():
            running = [
                one for one in self.discounts
                if one.subscription_id == subscription_id and _holds(one.start, one.end, day)
            ]  # fmt: skip
            kept = prod((1 - one.percent / 100 for one in running), start=Fraction(1))
            amount = sum((one.amount for one in running), Fraction(0)) / max(fee.bill_months for fee in fees)
            gross = sum((fee.monthly for fee in fees), Fraction(0))
            net = max(gross * kept - amount, Fraction(0))
            rate = next(one.rate for one in self.rates[currency] if _holds(one.valid_from, one.valid_to, day))
            total[customer_id] += half_up(net * rate, 4)
        return dict(total)


def half_up(value: Fraction, places: int) -> Decimal:
    """A fraction at so many decimals, half away from zero."""
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return (Decimal(whole) if value >= 0 else -Decimal(whole)).scaleb(-places)


def to_cents(value: Decimal) -> Decimal:
    """Rounded to the cent, half away from zero."""
    return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def read_books(raw: Path, rates_file: Path) -> Books:
    """Reads the Stripe tables of a raw folder and the rate seed."""
    rates = _rates(rates_file)
    prices = {row["id"]: row for row in _last_deliveries(_read(raw, "price"), "id") if _sound_price(row, rates)}
    subscriptions = _subscriptions(_read(raw, "subscription_history"))
    fees = tuple(_fees(_read(raw, "subscription_item"), subscriptions, prices, rates))
    coupons = {row["id"]: row for row in _last_deliveries(_read(raw, "coupon"), "id") if _sound_coupon(row, rates)}
    discounts = tuple(_discounts(_read(raw, "subscription_discount"), subscriptions, coupons, rates))
    return Books(fees, discounts, rates)


def _read(raw: Path, table: str) -> list[Row]:
    rows: list[Row] = pq.read_table(raw / "stripe" / table).to_pylist()
    return rows


def _rates(path: Path) -> dict[str, list[Rate]]:
    rates: dict[str, list[Rate]] = defaultdict(list)
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            end = dt.date.fromisoformat(row["valid_to"]) if row["valid_to"] else None
            start = dt.date.fromisoformat(row["valid_from"])
            rate = Rate(int(row["minor_unit_digits"]), Fraction(row["rate_to_reporting"]), start, end)
            rates[row["currency"].lower()].append(rate)
    return rates


def _last_deliveries(rows: Iterable[Row], *key: str) -> list[Row]:
    """Of every key the row delivered last."""
    kept: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        name = tuple(row[column] for column in key)
        if row["id"] is not None and (name not in kept or kept[name]["_fivetran_synced"] < row["_fivetran_synced"]):
            kept[name] = row
    return list(kept.values())


def _number(row: Row) -> Fraction | None:
    """The price in minor units: the decimal text says it exactly, the integer is its rounded form."""
    try:
        return Fraction(row["unit_amount_decimal"])
    except (TypeError, ValueError):
        return None if row["unit_amount"] is None else Fraction(row["unit_amount"])


def _sound_price(row: Row, rates: dict[str, list[Rate]]) -> bool:
    amount = _number(row)
    if row["currency"] not in rates or amount is None or amount < 0:
        return False
    return row["type"] == "one_time" or row["recurring_interval"] in BILLS_A_YEAR


def _sound_coupon(row: Row, rates: dict[str, list[Rate]]) -> bool:
    if row["percent_off"] is None:
        return row["amount_off"] is not None and row["amount_off"] >= 0 and row["currency"] in rates
    return bool(0 <= row["percent_off"] <= 100)


@dataclass(frozen=True)
class _Subscription:
    customer_id: str
    paid_from: dt.date
    ended_on: dt.date | None


def _subscriptions(rows: list[Row]) -> dict[str, _Subscription]:
    """Each subscription by its last version. A broken version is as if it had never come."""
    sound = [
        row for row in rows
        if row["id"] is not None and row["customer_id"] is not None
        and row["start_date"] >= EPOCH and (row["ended_at"] is None or row["ended_at"] >= row["start_date"])
    ]  # fmt: skip
    versions: dict[str, list[Row]] = defaultdict(list)
    for row in _last_deliveries(sound, "id", "_fivetran_start"):
        versions[row["id"]].append(row)
    found = {}
    for name, several in versions.items():
        several.sort(key=lambda row: row["_fivetran_start"])
        last = several[-1]
        start, end = last["start_date"], last["ended_at"]
        if last["status"] in ("incomplete", "incomplete_expired"):
            end = start
        elif last["status"] == "canceled" and end is None:
            end = next(row["_fivetran_start"] for row in several if row["status"] == "canceled")
        trial_end = last["trial_end"]
        paid_from = trial_end if trial_end is not None and trial_end > start else start
        found[name] = _Subscription(last["customer_id"], paid_from.date(), end.date() if end is not None else None)
    return found


def _fees(
    rows: list[Row], subscriptions: dict[str, _Subscription], prices: dict[str, Row], rates: dict[str, list[Rate]]
) -> Iterable[Fee]:
    versions: dict[str, list[Row]] = defaultdict(list)
    for row in _last_deliveries([row for row in rows if (row["quantity"] or 0) >= 0], "id", "_fivetran_start"):
        if row["subscription_id"] in subscriptions and row["plan_id"] in prices:
            versions[row["id"]].append(row)
    for several in versions.values():
        several.sort(key=lambda row: row["_fivetran_start"])
        for number, row in enumerate(several):
            # The first version holds from the item's creation; each until the next, or until the item is taken off.
            start = row["created"] if number == 0 else max(row["_fivetran_start"], row["created"])
            end = row["_fivetran_end"] if row["_fivetran_end"].year < 9999 else None
            if number + 1 < len(several):
                following = several[number + 1]["_fivetran_start"]
                if end is None or following - end <= dt.timedelta(seconds=1):
                    end = following
            fee = _fee(row, start, end, subscriptions[row["subscription_id"]], prices[row["plan_id"]], rates)
            if fee is not None:
                yield fee


def _fee(
    row: Row, start: dt.datetime, end: dt.datetime | None, subscription: _Subscription, price: Row,
    rates: dict[str, list[Rate]],
) -> Fee | None:  # fmt: skip
    """The fee of one version of an item; None when it is never paid, or no recurring fee."""
    if price["type"] == "one_time" or price["recurring_usage_type"] == "metered":
        return None
    first = max(start.date(), subscription.paid_from)
    ends = [day for day in (end.date() if end is not None else None, subscription.ended_on) if day is not None]
    last = min(ends) if ends else None
    if last is not None and last <= first:
        return None
    bill_months = Fraction(12 * (price["recurring_interval_count"] or 1), BILLS_A_YEAR[price["recurring_interval"]])
    amount = _number(price)
    assert amount is not None
    quantity = 1 if row["quantity"] is None else row["quantity"]
    monthly = amount / 10 ** rates[price["currency"]][0].digits * quantity / bill_months
    return Fee(row["subscription_id"], subscription.customer_id, price["currency"], monthly, bill_months, first, last)


def _discounts(
    rows: list[Row], subscriptions: dict[str, _Subscription], coupons: dict[str, Row], rates: dict[str, list[Rate]]
) -> Iterable[Discount]:
    for row in _last_deliveries(rows, "id"):
        coupon = coupons.get(row["coupon_id"])
        if coupon is None or row["subscription_id"] not in subscriptions or coupon["duration"] == "once":
            continue
        end = row["end"]
        if end is None and coupon["duration"] == "repeating":
            end = _months_later(row["start"], coupon["duration_in_months"])
        percent, amount = Fraction(0), Fraction(0)
        if coupon["percent_off"] is not None:
            percent = Fraction(str(coupon["percent_off"]))
        else:
            amount = Fraction(coupon["amount_off"], 10 ** rates[coupon["currency"]][0].digits)
        last = end.date() if end is not None else None
        yield Discount(row["subscription_id"], percent, amount, row["start"].date(), last)


def _months_later(moment: dt.datetime, months: int) -> dt.datetime:
    year, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + year, month + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))


def _holds(start: dt.date, end: dt.date | None, day: dt.date) -> bool:
    return start <= day and (end is None or day < end)


@dataclass(frozen=True)
class Movement:
    """What happened to an account from one month's end to the next."""

    movement: str
    opening: Decimal
    closing: Decimal


def movements(closings: dict[dt.date, Decimal], months: list[dt.date]) -> dict[dt.date, Movement]:
    """The movements of one account from its MRR at the ends of months; months without a movement are left out."""
    found, before, ever = {}, Decimal(0), False
    for month in months:
        now = closings.get(month, Decimal(0))
        if before > 0 and now == 0:
            kind = "churn"
        elif before == 0 and now > 0:
            kind = "reactivation" if ever else "new"
        elif now > before:
            kind = "expansion"
        elif now < before:
            kind = "contraction"
        else:
            kind = ""
        if kind:
            found[month] = Movement(kind, before, now)
        before, ever = now, ever or now > 0
    return found


@dataclass(frozen=True)
class Cohort:
    """Accounts at both ends of a window. amounts: MRR before and after. active: is a subscription running after?"""

    amounts: list[tuple[Decimal, Decimal]]
    active: list[bool]


def retention(cohort: Cohort) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """NRR, GRR and logo churn at 6 decimals, of the accounts that paid before; None where none did."""
    paying = [
        (before, after, active)
        for (before, after), active in zip(cohort.amounts, cohort.active, strict=True)
        if before > 0
    ]
    start = sum((Fraction(before) for before, _, _ in paying), Fraction(0))
    if not start:
        return None, None, None
    end = sum((Fraction(after) for _, after, _ in paying), Fraction(0))
    kept = sum((Fraction(min(before, after)) for before, after, _ in paying), Fraction(0))
    gone = sum(not active for _, _, active in paying)
    return half_up(end / start, 6), half_up(kept / start, 6), half_up(Fraction(gone, len(paying)), 6)
