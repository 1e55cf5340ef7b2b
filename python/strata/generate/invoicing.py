"""Stripe, what is billed: invoices with their lines, and the attempts to pay them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from strata.generate import vocabulary as v
from strata.generate.arrow import as_text, build, integers, join, pick, timestamps, when
from strata.generate.billing import (
    Billing,
    half_minor_units,
    item_ids,
    price_ids,
    price_index,
    subscription_ids,
)
from strata.generate.clock import DAY, HOUR, MINUTE, NEVER, Clock, add_months
from strata.generate.config import GenerateConfig
from strata.generate.latent import Latent, health_at
from strata.generate.ledger import Ledger
from strata.generate.randomness import BoolArray, FloatArray, IntArray, hex_ids, logistic, stream
from strata.generate.schemas import SCHEMAS, TableKey
from strata.generate.world import World

FAILED_BEFORE_CHURN = 0.28
"""Added chance that the first attempt fails in the 75 days before an announced churn."""
_FAILURES = ("card_declined", "insufficient_funds", "expired_card", "processing_error")


@dataclass(frozen=True)
class Periods:
    """Paid periods of subscriptions that began by as_of, one element each, sorted by subscription. number: 0 for the
    first.
    """

    subscription: IntArray
    number: IntArray
    start: IntArray
    end: IntArray


@dataclass(frozen=True)
class Invoicing:
    """The tables, the current period of each subscription (NEVER for none), and the first invoice of each account."""

    tables: dict[TableKey, pa.Table]
    current_start: IntArray
    current_end: IntArray
    first_invoice: IntArray


def make_invoicing(
    config: GenerateConfig, clock: Clock, world: World, latent: Latent, billing: Billing, ledger: Ledger
) -> Invoicing:
    """Bills each period in advance and lets the customers pay, late or not at all, as their state makes them."""
    rng = stream(config.seed, "invoicing")
    periods = _periods(clock, billing)
    lines = _lines(rng, world, billing, periods)
    bills = _bills(rng, clock, world, latent, billing, periods, lines)
    tables = {
        ("stripe", "invoice"): _invoice_rows(clock, world, billing, periods, bills),
        ("stripe", "invoice_line_item"): _line_rows(world, billing, periods, bills, lines),
        ("stripe", "charge"): _charge_rows(rng, clock, world, billing, periods, bills),
    }
    _note_deleted(tables, ledger)
    ledger.effect("failed_payment_before_churn", FAILED_BEFORE_CHURN, "added chance", "First attempt, last 75 days.")
    count = len(billing.subscriptions.account)
    current_start, current_end = np.full(count, NEVER), np.full(count, NEVER)
    current_start[periods.subscription] = periods.start  # the last one of each subscription stays
    current_end[periods.subscription] = periods.end
    first = np.full(world.n, NEVER, dtype=np.int64)
    np.minimum.at(first, billing.subscriptions.account[periods.subscription], bills.created)
    return Invoicing(tables, current_start, current_end, first)


def _note_deleted(tables: dict[TableKey, pa.Table], ledger: Ledger) -> None:
    """Deleted invoices, and their lines, which go with them."""
    invoice, line = tables["stripe", "invoice"], tables["stripe", "invoice_line_item"]
    deleted = invoice.column("is_deleted").to_numpy()
    gone = invoice.column("id").filter(pa.array(deleted))
    ledger.note_where(("stripe", "invoice"), invoice, deleted, "deleted_in_source")
    with_it = pc.is_in(line.column("invoice_id"), value_set=gone.combine_chunks()).to_numpy()
    ledger.note_where(("stripe", "invoice_line_item"), line, with_it, "deleted_in_source")


def _periods(clock: Clock, billing: Billing) -> Periods:
    """Every period that starts before the subscription ends and by as_of."""
    subs = billing.subscriptions
    rows = np.flatnonzero(subs.paid_from < clock.as_of_end).astype(np.int64)
    begin = subs.paid_from[rows]
    stop = np.minimum(subs.end[rows], clock.as_of_end)
    interval = subs.interval[rows]
    length = np.array(v.INTERVAL_MONTHS, dtype=np.int64)[interval]
    months = _month_number(stop) - _month_number(begin)
    months = months - (add_months(begin, months) >= stop)
    weekly = interval == v.WEEKLY
    count = np.where(weekly, -(-(stop - begin) // (7 * DAY)), months // length + 1)
    sub = np.repeat(rows, count)
    at = np.repeat(np.arange(len(rows)), count)
    number = np.arange(len(sub), dtype=np.int64) - np.repeat(np.cumsum(count) - count, count)
    start = _period_edge(begin[at], number, length[at], weekly[at])
    end = _period_edge(begin[at], number + 1, length[at], weekly[at])
    return Periods(sub, number, start, end)


def _month_number(times: IntArray) -> IntArray:
    """Months since 1970-01."""
    return times.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)


def _period_edge(begin: IntArray, number: IntArray, length: IntArray, weekly: BoolArray) -> IntArray:
    """Start of period `number` of a subscription."""
    return np.where(weekly, begin + number * 7 * DAY, add_months(begin, np.where(weekly, 0, number * length)))


@dataclass(frozen=True)
class _Lines:
    """Invoice lines: row of the period, item (-1 for the one-time fee), product, quantity, amount in minor units."""

    period: IntArray
    item: IntArray
    product: IntArray
    quantity: IntArray
    amount: IntArray


def _lines(rng: np.random.Generator, world: World, billing: Billing, periods: Periods) -> _Lines:
    """What each item costs at the start of each period, and an onboarding fee on some first invoices."""
    subs, items = billing.subscriptions, billing.items
    count = items.count[periods.subscription]
    period = np.repeat(np.arange(len(periods.start), dtype=np.int64), count)
    place = np.arange(len(period), dtype=np.int64) - np.repeat(np.cumsum(count) - count, count)
    item = items.first[periods.subscription[period]] + place
    # Versions are sorted by item and start, so item and minute make one search key.
    origin = int(items.start.min()) if len(items.start) else 0
    key = items.item * (1 << 24) + (items.start - origin) // MINUTE
    wanted = item * (1 << 24) + (periods.start[period] - origin) // MINUTE
    version = np.searchsorted(key, wanted, side="right") - 1
    valid = (version >= 0) & (items.item[version] == item) & (items.end[version] > periods.start[period])
    # Metered calls are billed by use, in arrears: not on these invoices.
    valid &= items.product[version] != v.API_CALLS
    period, item, version = period[valid], item[valid], version[valid]
    sub = periods.subscription[period]
    currency = world.currency[subs.account[sub]]
    halves = items.quantity[version] * half_minor_units(items.product[version], currency, subs.interval[sub])
    first = np.flatnonzero((periods.number == 0) & subs.is_main[periods.subscription])
    setup = first[
        rng.random(len(first))
        < np.array([0.0, 0.1, 0.35, 0.6])[world.size_class[subs.account[periods.subscription[first]]]]
    ]
    fee = half_minor_units(
        np.full(len(setup), v.ONBOARDING),
        world.currency[subs.account[periods.subscription[setup]]],
        np.zeros(len(setup), dtype=np.int64),
    )
    return _Lines(
        np.concatenate([period, setup]),
        np.concatenate([item, np.full(len(setup), -1)]),
        np.concatenate([items.product[version], np.full(len(setup), v.ONBOARDING)]),
        np.concatenate([items.quantity[version], np.ones(len(setup), dtype=np.int64)]),
        np.concatenate([(halves + 1) // 2, fee // 2]),
    )


@dataclass(frozen=True)
class _Bills:
    """One element a period. paid, voided, given_up: moments or NEVER; failures: failed attempts before."""

    ids: pa.Array
    created: IntArray
    due: IntArray
    subtotal: IntArray
    total: IntArray
    paid: IntArray
    voided: IntArray
    given_up: IntArray
    draft: BoolArray
    first_attempt: IntArray
    failures: IntArray


def _bills(
    rng: np.random.Generator, clock: Clock, world: World, latent: Latent, billing: Billing, periods: Periods,
    lines: _Lines,
) -> _Bills:  # fmt: skip
    """Amounts, terms of payment and what became of each bill."""
    subs = billing.subscriptions
    rows = len(periods.start)
    sub = periods.subscription
    account = subs.account[sub]
    subtotal = np.bincount(lines.period, weights=lines.amount, minlength=rows).astype(np.int64)
    created = periods.start + (rng.random(rows) * HOUR).astype(np.int64)
    terms = np.where(rng.random(world.n) < np.array([0.1, 0.4, 0.8, 0.95])[world.size_class], 30, 0)
    terms = np.where((terms == 30) & (np.arange(world.n) % 3 == 0), 14, terms)[account]
    due = np.where(terms > 0, created + terms * DAY, NEVER)
    lean = health_at(latent, clock, account, created)
    spell = np.maximum(subs.spell[sub], 0)
    end = latent.spells.end[spell]
    leaving = (end < NEVER) & (end - created < 75 * DAY) & ~latent.spells.silent[spell]
    failing = rng.random(rows) < logistic(-3.4 - 1.0 * lean) + FAILED_BEFORE_CHURN * leaving
    failures = np.where(failing, 1 + np.minimum(rng.geometric(0.55, rows) - 1, 3), 0)
    lateness = np.where(
        rng.random(rows) < logistic(-1.3 - 0.9 * lean), rng.exponential(9.0, rows), -0.6 * terms * rng.random(rows)
    )
    on_terms = np.maximum(created + HOUR, created + ((terms + lateness) * DAY).astype(np.int64))
    first_attempt = np.where(terms > 0, on_terms, created + HOUR)
    settled = rng.random(rows) < np.where(leaving, 0.45, 0.88)
    paid = np.where(failing, np.where(settled, first_attempt + failures * 3 * DAY, NEVER), first_attempt)
    voided = np.where(rng.random(rows) < 0.004, created + 3 * DAY, NEVER)
    paid = np.where(voided < NEVER, NEVER, paid)
    failures = np.where(voided < NEVER, 0, failures)
    given_up = np.where((paid == NEVER) & (voided == NEVER), created + 80 * DAY, NEVER)
    draft = (created >= clock.as_of_end - 3 * DAY) & (rng.random(rows) < 0.3)
    total = subtotal - _reduction(billing, periods, subtotal)
    return _Bills(
        hex_ids("in_", np.arange(rows)), created, due, subtotal, total,
        np.where(draft, NEVER, paid), np.where(draft, NEVER, voided), np.where(draft, NEVER, given_up), draft,
        first_attempt, np.where(draft, 0, failures),
    )  # fmt: skip


def _reduction(billing: Billing, periods: Periods, subtotal: IntArray) -> IntArray:
    """What the discount of the subscription takes off each bill, minor units."""
    d = billing.discounts
    sub = periods.subscription
    valid = (d.coupon[sub] >= 0) & (periods.start >= d.start[sub]) & (periods.start < d.end[sub])
    valid &= ~d.once[sub] | (periods.number == 0)
    percent: FloatArray = np.round(subtotal * d.percent[sub] / 100)
    return np.where(valid, np.minimum(subtotal, percent.astype(np.int64) + d.amount[sub]), 0)


def _invoice_rows(clock: Clock, world: World, billing: Billing, periods: Periods, bills: _Bills) -> pa.Table:
    """Invoices as they stand on as_of."""
    subs = billing.subscriptions
    sub = periods.subscription
    rows = len(sub)
    now = clock.as_of_end
    is_paid, is_void, lost = bills.paid < now, bills.voided < now, bills.given_up < now
    status = np.select([bills.draft, is_void, is_paid, lost], [0, 4, 2, 3], 1)
    paid_amount = np.where(is_paid, bills.total, 0)
    last = np.maximum(bills.created, np.where(is_paid, bills.paid, 0))
    last = np.maximum(last, np.where(is_void, bills.voided, 0))
    last = np.maximum(last, np.where(lost, bills.given_up, 0))
    return build(
        SCHEMAS["stripe", "invoice"],
        {
            "id": bills.ids,
            "customer_id": billing.customer_ids.take(pa.array(subs.customer[sub])),
            "subscription_id": subscription_ids(sub),
            "number": join("INV-", as_text(100_000 + np.arange(rows))),
            "status": pick(("draft", "open", "paid", "uncollectible", "void"), status),
            "currency": pick(v.CURRENCIES, world.currency[subs.account[sub]]),
            "amount_due": bills.total,
            "amount_paid": paid_amount,
            "amount_remaining": bills.total - paid_amount,
            "subtotal": bills.subtotal,
            "total": bills.total,
            "attempt_count": np.minimum(bills.failures + 1, 4),
            "billing_reason": pick(("subscription_create", "subscription_cycle"), np.minimum(periods.number, 1)),
            "created": timestamps(bills.created),
            "due_date": timestamps(bills.due),
            "period_start": timestamps(periods.start),
            "period_end": timestamps(periods.end),
            "status_transitions_paid_at": timestamps(np.where(is_paid, bills.paid, NEVER)),
            "status_transitions_voided_at": timestamps(np.where(is_void, bills.voided, NEVER)),
            "is_deleted": (np.arange(rows) % 397 == 11) & (status != 2) | (np.arange(rows) % 701 == 5),
            "livemode": True,
            "_fivetran_synced": timestamps(last + 2 * HOUR),
        },
    )


def _line_rows(world: World, billing: Billing, periods: Periods, bills: _Bills, lines: _Lines) -> pa.Table:
    """invoice_line_item."""
    subs = billing.subscriptions
    order = np.lexsort((lines.item, lines.period))
    period, item, product = lines.period[order], lines.item[order], lines.product[order]
    sub = periods.subscription[period]
    currency = world.currency[subs.account[sub]]
    once = item < 0
    recurring = price_index(product, currency, subs.interval[sub])
    one_time = (len(v.PRODUCTS) - 1) * len(v.CURRENCIES) * len(v.INTERVALS) + currency
    return build(
        SCHEMAS["stripe", "invoice_line_item"],
        {
            "id": hex_ids("il_", np.arange(len(order))),
            "invoice_id": bills.ids.take(pa.array(period)),
            "subscription_id": subscription_ids(sub),
            "subscription_item_id": when(once, None, item_ids(np.maximum(item, 0))),
            "price_id": price_ids(np.where(once, one_time, recurring)),
            "amount": lines.amount[order],
            "currency": pick(v.CURRENCIES, currency),
            "quantity": lines.quantity[order],
            "period_start": timestamps(periods.start[period]),
            "period_end": timestamps(np.where(once, periods.start[period], periods.end[period])),
            "proration": False,
            "type": pick(("subscription", "invoiceitem"), once.astype(np.int64)),
            "description": pick([p.name for p in v.PRODUCTS], product),
            "_fivetran_synced": timestamps(bills.created[period] + 2 * HOUR),
        },
    )


def _charge_rows(
    rng: np.random.Generator, clock: Clock, world: World, billing: Billing, periods: Periods, bills: _Bills
) -> pa.Table:
    """Failed attempts three days apart, then the one that worked."""
    every = np.arange(len(bills.created), dtype=np.int64)
    failed = np.repeat(every, bills.failures)
    attempt = np.arange(len(failed), dtype=np.int64) - np.repeat(
        np.cumsum(bills.failures) - bills.failures, bills.failures
    )
    done = every[bills.paid < NEVER]
    row = np.concatenate([failed, done])
    ok = np.arange(len(row)) >= len(failed)
    at = np.concatenate([bills.first_attempt[failed] + attempt * 3 * DAY, bills.paid[done]])
    keep = (at < clock.as_of_end) & (bills.total[row] > 0)
    row, ok, at = row[keep], ok[keep], at[keep]
    order = np.lexsort((at, row))
    row, ok, at = row[order], ok[order], at[order]
    sub = periods.subscription[row]
    subs = billing.subscriptions
    return build(
        SCHEMAS["stripe", "charge"],
        {
            "id": hex_ids("ch_", np.arange(len(row))),
            "customer_id": billing.customer_ids.take(pa.array(subs.customer[sub])),
            "invoice_id": bills.ids.take(pa.array(row)),
            "amount": bills.total[row],
            "amount_refunded": integers(np.zeros(len(row))),
            "currency": pick(v.CURRENCIES, world.currency[subs.account[sub]]),
            "status": pick(("failed", "succeeded"), ok.astype(np.int64)),
            "paid": ok,
            "refunded": False,
            "failure_code": pick(_FAILURES, rng.integers(0, len(_FAILURES), len(row)), null=ok),
            "created": timestamps(at),
            "livemode": True,
            "_fivetran_synced": timestamps(at + HOUR),
        },
    )
