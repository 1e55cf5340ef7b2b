"""Stripe, what is sold: products, prices, coupons, customers, subscriptions with their history, items and discounts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from strata.generate import vocabulary as v
from strata.generate.arrow import as_text, build, integers, join, pick, texts, timestamps, when
from strata.generate.clock import DAY, HOUR, MINUTE, NEVER, OPEN_END, Clock, add_months
from strata.generate.config import GenerateConfig
from strata.generate.identity import Traces, slugs
from strata.generate.latent import Latent, draw_interval
from strata.generate.ledger import Ledger
from strata.generate.randomness import BoolArray, FloatArray, IntArray, choose, hex_ids, stream
from strata.generate.schemas import SCHEMAS, TableKey
from strata.generate.world import PAYING, TRIAL, TRIAL_DAYS, World

RECURRING = [i for i, p in enumerate(v.PRODUCTS) if p.kind != "one_time"]
SECOND_SUBSCRIPTION_SHARE = 0.09
DISCOUNT_SHARE = 0.16


@dataclass(frozen=True)
class Subscriptions:
    """One element a subscription. created: start, trial included; paid_from: first paid moment (NEVER for a trial that
    never
    converted); end: first moment it no longer runs; decided: cancellation asked for; NEVER for none."""

    account: IntArray
    customer: IntArray
    created: IntArray
    trial_end: IntArray
    paid_from: IntArray
    end: IntArray
    decided: IntArray
    interval: IntArray
    spell: IntArray
    """Row of the spell the subscription belongs to; -1 for trials that never converted."""
    is_main: BoolArray


@dataclass(frozen=True)
class Items:
    """Versions of subscription items, sorted by item and start; half-open, without overlap. item: number of the item,
    from 0,
    sorted by subscription; first_of_subscription / count: items of each subscription."""

    item: IntArray
    start: IntArray
    end: IntArray
    product: IntArray
    quantity: IntArray
    subscription: IntArray
    """Subscription of each item (not of each version)."""
    first: IntArray
    count: IntArray


@dataclass(frozen=True)
class Discounts:
    """At most one a subscription, one element a subscription; percent and amount are 0 where there is none. coupon:
    -1 for none.
    """

    coupon: IntArray
    start: IntArray
    end: IntArray
    percent: FloatArray
    amount: IntArray
    once: BoolArray


@dataclass(frozen=True)
class Billing:
    """What is sold, and the tables about it."""

    tables: dict[TableKey, pa.Table]
    subscriptions: Subscriptions
    items: Items
    discounts: Discounts
    customer_ids: pa.Array
    customer_account: IntArray
    """Account of each customer; the first customers are the main ones in the order of their accounts."""
    main_customer: IntArray
    """Main customer of each account, -1 for none."""


def make_billing(
    config: GenerateConfig, clock: Clock, world: World, latent: Latent, traces: Traces, ledger: Ledger
) -> Billing:
    """Everything but invoices, lines, charges and the subscription tables, whose current period needs the invoices."""
    rng = stream(config.seed, "billing")
    subs, customer_account, main = _subscriptions(rng, clock, world, latent)
    items = _items(rng, clock, world, latent, subs)
    discounts, tables = _discounts(rng, clock, world, subs, items)
    customer_ids = hex_ids("cus_", np.arange(len(customer_account)))
    tables["stripe", "customer"] = _customers(
        rng, clock, world, traces, customer_account, customer_ids, subs, len(np.flatnonzero(main >= 0))
    )
    tables["stripe", "product"] = _products(clock)
    tables["stripe", "price"] = _prices(clock)
    tables["stripe", "subscription_discount"] = _discount_rows(clock, subs, discounts, customer_ids)
    ledger.effect("second_subscription_share", SECOND_SUBSCRIPTION_SHARE, "share", "Paying accounts with a second one.")
    return Billing(tables, subs, items, discounts, customer_ids, customer_account, main)


def _subscriptions(
    rng: np.random.Generator, clock: Clock, world: World, latent: Latent
) -> tuple[Subscriptions, IntArray, IntArray]:
    """A main one for each spell, one for each trial that never converted, and second ones; with their customers."""
    spells = latent.spells
    main = np.full(world.n, -1, dtype=np.int64)
    buyers = np.flatnonzero((world.kind == PAYING) | (world.kind == TRIAL)).astype(np.int64)
    main[buyers] = np.arange(len(buyers))
    rows = np.flatnonzero(spells.start < clock.as_of_end).astype(np.int64)
    account, start, end = spells.account[rows], spells.start[rows], spells.end[rows]
    trial = (spells.order[rows] == 0) & world.has_trial[account]
    created = np.where(trial, start - TRIAL_DAYS * DAY, start)
    base = Subscriptions(
        account, main[account], created, np.where(trial, start, NEVER), start, end, spells.decided[rows],
        spells.interval[rows], rows, np.ones(len(rows), dtype=np.bool_),
    )  # fmt: skip
    tried = np.flatnonzero(world.kind == TRIAL).astype(np.int64)
    over = world.first_paid[tried]
    trials = Subscriptions(
        tried, main[tried], over - TRIAL_DAYS * DAY, over, np.full(len(tried), NEVER), over, over - 2 * DAY,
        np.zeros(len(tried), dtype=np.int64), np.full(len(tried), -1), np.zeros(len(tried), dtype=np.bool_),
    )  # fmt: skip
    second, extra = _second_subscriptions(rng, clock, base, len(buyers))
    parts = (base, trials, second)
    joined = Subscriptions(
        *(np.concatenate([getattr(p, f) for p in parts]) for f in Subscriptions.__dataclass_fields__)
    )
    order = np.lexsort((joined.created, joined.account))
    sorted_ = Subscriptions(*(getattr(joined, f)[order] for f in Subscriptions.__dataclass_fields__))
    return sorted_, np.concatenate([buyers, extra]), main


def _second_subscriptions(
    rng: np.random.Generator, clock: Clock, base: Subscriptions, customers: int
) -> tuple[Subscriptions, IntArray]:
    """Another department's subscription some months later; a third of them billed to a customer of its own."""
    chosen = np.flatnonzero(rng.random(len(base.account)) < SECOND_SUBSCRIPTION_SHARE)
    start = add_months(base.paid_from[chosen], rng.integers(2, 10, len(chosen)))
    inside = start < np.minimum(base.end[chosen], clock.as_of_end) - 35 * DAY
    chosen, start = chosen[inside], start[inside]
    early = add_months(start, 12 * (1 + rng.integers(0, 2, len(chosen))))
    end = np.where((rng.random(len(chosen)) < 0.35) & (early < base.end[chosen]), early, base.end[chosen])
    own = rng.random(len(chosen)) < 0.35
    customer = np.where(own, customers + np.cumsum(own) - 1, base.customer[chosen])
    interval = draw_interval(rng, len(chosen))
    return Subscriptions(
        base.account[chosen], customer, start, np.full(len(chosen), NEVER), start, end,
        np.where(end < NEVER, np.maximum(start + DAY, end - 12 * DAY), NEVER), interval, base.spell[chosen],
        np.zeros(len(chosen), dtype=np.bool_),
    ), base.account[chosen][own]  # fmt: skip


def _items(rng: np.random.Generator, clock: Clock, world: World, latent: Latent, subs: Subscriptions) -> Items:
    """The plan of each subscription with a version for each change of seats or plan; add-ons; metered calls."""
    every = np.arange(len(subs.account), dtype=np.int64)
    month = clock.month_of(np.where(subs.paid_from < NEVER, subs.paid_from, subs.created))
    plan = latent.plan[subs.account, month].astype(np.int64)
    seats = latent.seats[subs.account, month].astype(np.int64)
    other = ~subs.is_main
    add_on_alone = (rng.random(len(every)) < 0.5) & (subs.spell >= 0)
    plan = np.where(other, np.where(add_on_alone, v.INSIGHTS, v.TEAM), plan)
    seats = np.where(other, np.where(plan == v.TEAM, 2 + rng.poisson(3 + 2 * world.size_class[subs.account]), 1), seats)
    never = np.full(len(every), OPEN_END, dtype=np.int64)
    parts = [(every, np.zeros(len(every), dtype=np.int64), subs.created, never, plan, seats)]
    parts += [_changes(rng, clock, latent, subs)]
    stay = np.minimum(subs.end, clock.as_of_end)
    size, expert = world.size_class[subs.account], world.sophistication[subs.account] == 2
    chances = {
        v.SECURITY: np.array([0.02, 0.10, 0.25, 0.40])[size],
        v.PREMIUM: np.array([0.0, 0.06, 0.20, 0.45])[size],
        v.INSIGHTS: np.array([0.03, 0.10, 0.12, 0.15])[size],
        v.API_CALLS: np.where(expert, 0.3, 0.02),
    }
    for place, (addon, chance) in enumerate(chances.items(), start=1):
        has = subs.is_main & (rng.random(len(every)) < chance)
        late = (rng.random(len(every)) < 0.5) & (stay - subs.paid_from > 60 * DAY)
        wait = (rng.random(len(every)) * np.maximum(0, stay - subs.paid_from - 45 * DAY)).astype(np.int64)
        start = np.where(late, subs.paid_from + DAY + wait, subs.created)
        gone = start + 40 * DAY + (rng.random(len(every)) * 300 * DAY).astype(np.int64)
        removed = (rng.random(len(every)) < 0.18) & (gone < stay)
        who = np.flatnonzero(has & (start < clock.as_of_end)).astype(np.int64)
        ones = np.ones(len(who), dtype=np.int64)
        end = np.where(removed, gone, OPEN_END)
        parts.append((who, ones * place, start[who], end[who], ones * addon, ones))
    sub, slot, begin, until, product, quantity = (np.concatenate(c) for c in zip(*parts, strict=True))
    order = np.lexsort((begin, slot, sub))
    sub, slot, begin, until, product, quantity = (c[order] for c in (sub, slot, begin, until, product, quantity))
    fresh = np.append(True, (sub[1:] != sub[:-1]) | (slot[1:] != slot[:-1]))
    item = np.cumsum(fresh) - 1
    until = np.where(np.append(~fresh[1:], False), np.append(begin[1:], OPEN_END), until)
    owner = sub[fresh]
    first = np.searchsorted(owner, every)
    count = np.searchsorted(owner, every, side="right") - first
    return Items(item, begin, until, product, quantity, owner, first.astype(np.int64), count.astype(np.int64))


def _changes(
    rng: np.random.Generator, clock: Clock, latent: Latent, subs: Subscriptions
) -> tuple[IntArray, IntArray, IntArray, IntArray, IntArray, IntArray]:
    """Versions of plan items after the first: months in which seats or plan differ from the month before, in one
    spell.
    """
    same = (latent.spell[:, 1:] == latent.spell[:, :-1]) & (latent.spell[:, 1:] >= 0)
    moved = (latent.seats[:, 1:] != latent.seats[:, :-1]) | (latent.plan[:, 1:] != latent.plan[:, :-1])
    account, month = np.nonzero(same & moved)
    month = month + 1
    at = clock.edges[month] + (rng.random(len(month)) * 28 * DAY).astype(np.int64) // MINUTE * MINUTE
    # Row of the subscription: spells are sorted by account and order, and main subscriptions point at their spell.
    spell_first = np.searchsorted(latent.spells.account, account)
    spell_row = spell_first + latent.spell[account, month]
    main_of_spell = np.full(len(latent.spells.account), -1, dtype=np.int64)
    main_rows = np.flatnonzero(subs.is_main)
    main_of_spell[subs.spell[main_rows]] = main_rows
    row = main_of_spell[spell_row]
    keep = (row >= 0) & (at < clock.as_of_end)
    account, month, at, row = account[keep], month[keep], at[keep], row[keep]
    return (
        row,
        np.zeros(len(row), dtype=np.int64),
        at,
        np.full(len(row), OPEN_END, dtype=np.int64),
        latent.plan[account, month].astype(np.int64),
        latent.seats[account, month].astype(np.int64),
    )


def half_minor_units(product: IntArray, currency: IntArray, interval: IntArray) -> IntArray:
    """List price of one unit and interval in halves of a minor unit (weekly prices may have half a cent)."""
    usd = np.array([p.usd_cents for p in v.PRODUCTS])[product]
    local = usd * np.array(v.CURRENCY_FACTORS)[currency] * np.array(v.INTERVAL_FACTORS)[interval]
    whole = np.round(local / 10) * 20
    return np.asarray(np.where(interval == v.WEEKLY, np.round(local * 2), whole), dtype=np.int64)


def price_index(product: IntArray, currency: IntArray, interval: IntArray) -> IntArray:
    """Row of a recurring price in the price table."""
    return (product * len(v.CURRENCIES) + currency) * len(v.INTERVALS) + interval


def price_ids(index: IntArray) -> pa.Array:
    """Ids of prices."""
    return join("price_", as_text(10_000 + index))


def product_ids(index: IntArray) -> pa.Array:
    """Ids of products."""
    return join("prod_", pick([p.key for p in v.PRODUCTS], index))


def _products(clock: Clock) -> pa.Table:
    """Plans, add-ons and services; what is no longer sold is inactive."""
    index = np.arange(len(v.PRODUCTS), dtype=np.int64)
    facts = v.PRODUCTS
    notes = ['{"legacy":"true"}' if p.legacy else '{"per_seat":"true"}' if p.seat else "{}" for p in facts]
    return build(
        SCHEMAS["stripe", "product"],
        {
            "id": product_ids(index),
            "name": texts([p.name for p in facts]),
            "active": np.array([not p.legacy for p in facts]),
            "metadata": texts(notes),
            "unit_label": texts(["seat" if p.seat else None for p in facts]),
            "type": "service",
            "is_deleted": False,
            "created": timestamps(np.full(len(index), clock.start - 200 * DAY)),
            "livemode": True,
            "_fivetran_synced": timestamps(np.full(len(index), clock.as_of_end + HOUR)),
        },
    )


def _prices(clock: Clock) -> pa.Table:
    """One for each product that recurs, currency and interval; and one-time prices for the service."""
    shape = (len(RECURRING), len(v.CURRENCIES), len(v.INTERVALS))
    product, currency, interval = (a.ravel().astype(np.int64) for a in np.indices(shape))
    once = np.arange(len(v.CURRENCIES), dtype=np.int64)
    rows = len(product) + len(once)
    one_time = np.arange(rows) >= len(product)
    product = np.concatenate([product, np.full(len(once), v.ONBOARDING)])
    currency = np.concatenate([currency, once])
    interval = np.concatenate([interval, np.zeros(len(once), dtype=np.int64)])
    halves = half_minor_units(product, currency, interval)
    fraction = halves % 2 == 1
    decimal = when(fraction, join(as_text(halves // 2), ".5"), as_text(halves // 2))
    metered = product == v.API_CALLS
    nickname = join(
        pick([p.name for p in v.PRODUCTS], product), " ", pick(("monthly", "quarterly", "yearly", "weekly"), interval)
    )
    return build(
        SCHEMAS["stripe", "price"],
        {
            "id": price_ids(np.arange(rows)),
            "product_id": product_ids(product),
            "currency": pick(v.CURRENCIES, currency),
            "unit_amount": integers(halves // 2, null=fraction),
            "unit_amount_decimal": decimal,
            "recurring_interval": pick([i[0] for i in v.INTERVALS], interval, null=one_time),
            "recurring_interval_count": integers(np.array([i[1] for i in v.INTERVALS])[interval], null=one_time),
            "recurring_usage_type": pick(("licensed", "metered"), metered.astype(np.int64), null=one_time),
            "type": pick(("recurring", "one_time"), one_time.astype(np.int64)),
            "billing_scheme": "per_unit",
            "nickname": nickname,
            "active": np.array([not p.legacy for p in v.PRODUCTS])[product],
            "is_deleted": False,
            "created": timestamps(np.full(rows, clock.start - 190 * DAY)),
            "metadata": "{}",
            "livemode": True,
            "_fivetran_synced": timestamps(np.full(rows, clock.as_of_end + HOUR)),
        },
    )


_PERCENTS = (10.0, 15.0, 20.0, 25.0, 12.5)
_DURATIONS = (("forever", 0), ("repeating", 3), ("repeating", 6), ("repeating", 12), ("once", 0))
_AMOUNTS = (2_000, 5_000, 10_000)


def _discounts(
    rng: np.random.Generator, clock: Clock, world: World, subs: Subscriptions, items: Items
) -> tuple[Discounts, dict[TableKey, pa.Table]]:
    """A coupon for some subscriptions: a percentage, or an amount well below the bill, for ever, for months or once."""
    rows = len(subs.account)
    has = (rng.random(rows) < DISCOUNT_SHARE) & (subs.paid_from < NEVER)
    duration = choose(rng, [3, 2, 2, 2, 2], rows)
    percent = rng.integers(0, len(_PERCENTS), rows)
    amount = rng.integers(0, len(_AMOUNTS), rows)
    currency = world.currency[subs.account]
    first_version = np.searchsorted(items.item, items.first)
    bill = items.quantity[first_version] * half_minor_units(items.product[first_version], currency, subs.interval) // 2
    local = np.round(np.array(_AMOUNTS)[amount] * np.array(v.CURRENCY_FACTORS)[currency] / 100).astype(np.int64) * 100
    by_amount = (rng.random(rows) < 0.4) & (local * 3 < bill)
    per_currency = len(_DURATIONS) * len(_AMOUNTS)
    coupon = np.where(
        by_amount,
        len(_PERCENTS) * len(_DURATIONS) + currency * per_currency + amount * len(_DURATIONS) + duration,
        percent * len(_DURATIONS) + duration,
    )
    months = np.array([d[1] for d in _DURATIONS])[duration]
    start = subs.created
    end = np.where(months > 0, add_months(start, months), NEVER)
    found = Discounts(
        coupon=np.where(has, coupon, -1),
        start=start,
        end=end,
        percent=np.where(has & ~by_amount, np.array(_PERCENTS)[percent], 0.0),
        amount=np.where(has & by_amount, local, 0),
        once=duration == len(_DURATIONS) - 1,
    )
    return found, {("stripe", "coupon"): _coupons(clock)}


def coupon_ids(index: IntArray) -> pa.Array:
    """Ids of coupons."""
    return join("coupon_", as_text(500 + index))


def _coupons(clock: Clock) -> pa.Table:
    """All coupons there are, in the order that `_discounts` counts them."""
    rows: list[tuple[str, float | None, int | None, str | None, str, int | None]] = []
    for percent in _PERCENTS:
        for name, months in _DURATIONS:
            rows.append((f"{percent:g} % {name}", percent, None, None, name, months or None))
    for currency, factor in zip(v.CURRENCIES, v.CURRENCY_FACTORS, strict=True):
        for usd in _AMOUNTS:
            local = round(usd * factor / 100) * 100
            for name, months in _DURATIONS:
                rows.append((f"{local} {currency} {name}", None, local, currency, name, months or None))
    label, percents, amounts, currencies, durations, lengths = zip(*rows, strict=True)
    return build(
        SCHEMAS["stripe", "coupon"],
        {
            "id": coupon_ids(np.arange(len(rows))),
            "name": texts(label),
            "percent_off": pa.array(percents, type=pa.float64()),
            "amount_off": pa.array(amounts, type=pa.int64()),
            "currency": texts(currencies),
            "duration": texts(durations),
            "duration_in_months": pa.array(lengths, type=pa.int64()),
            "valid": True,
            "created": timestamps(np.full(len(rows), clock.start - 180 * DAY)),
            "livemode": True,
            "_fivetran_synced": timestamps(np.full(len(rows), clock.as_of_end + HOUR)),
        },
    )


def _discount_rows(clock: Clock, subs: Subscriptions, discounts: Discounts, customer_ids: pa.Array) -> pa.Table:
    """subscription_discount."""
    rows = np.flatnonzero((discounts.coupon >= 0) & (subs.created < clock.as_of_end))
    return build(
        SCHEMAS["stripe", "subscription_discount"],
        {
            "id": hex_ids("di_", rows),
            "subscription_id": subscription_ids(rows),
            "customer_id": customer_ids.take(pa.array(subs.customer[rows])),
            "coupon_id": coupon_ids(discounts.coupon[rows]),
            "start": timestamps(discounts.start[rows]),
            "end": timestamps(discounts.end[rows]),
            "_fivetran_synced": timestamps(discounts.start[rows] + HOUR),
        },
    )


def subscription_ids(rows: IntArray) -> pa.Array:
    """Ids of subscriptions."""
    return hex_ids("sub_", rows)


def item_ids(items: IntArray) -> pa.Array:
    """Ids of subscription items."""
    return hex_ids("si_", items)


def _customers(
    rng: np.random.Generator, clock: Clock, world: World, traces: Traces, account: IntArray, ids: pa.Array,
    subs: Subscriptions, main_count: int,
) -> pa.Table:  # fmt: skip
    """One a row of `account`; the first `main_count` are main ones, the others bill a department."""
    rows = len(account)
    created = np.full(rows, NEVER, dtype=np.int64)
    np.minimum.at(created, subs.customer, subs.created)
    second = np.arange(rows) >= main_count
    names = pick(traces.name, account)
    names = when(second & ~np.isin(traces.match[account], (3, 4)), join(names, " - Department"), names)
    reference = pick(traces.reference, account)
    metadata = join('{"salesforce_account_id":"', reference, '","source":"crm_sync"}')
    metadata = when(np.asarray(reference.is_null()), None, metadata).fill_null("{}")
    mailbox = pick(("billing", "accounts", "finance", "ap"), rng.integers(0, 4, rows))
    domain = pick(traces.domain, account)
    private = np.asarray([d in v.FREE_MAIL_DOMAINS for d in domain.to_pylist()], dtype=np.bool_)
    email = when(private, join(slugs(names), as_text(account), "@", domain), join(mailbox, "@", domain))
    return build(
        SCHEMAS["stripe", "customer"],
        {
            "id": ids,
            "name": names,
            "email": email,
            "metadata": metadata,
            "currency": pick(v.CURRENCIES, world.currency[account]),
            "created": timestamps(created - MINUTE),
            "delinquent": False,
            "is_deleted": False,
            "livemode": True,
            "_fivetran_synced": timestamps(created + HOUR),
        },
    )


def history_tables(
    clock: Clock, world: World, billing: Billing, period_start: IntArray, period_end: IntArray
) -> dict[TableKey, pa.Table]:
    """subscription_history and subscription_item. period_*: current paid period of each subscription, NEVER for
    none.
    """
    return {
        ("stripe", "subscription_history"): _history(clock, billing, period_start, period_end),
        ("stripe", "subscription_item"): _item_rows(clock, world, billing, period_start, period_end),
    }


_TRIALING, _ACTIVE, _ENDING, _ENDED = range(4)


def _history(clock: Clock, billing: Billing, period_start: IntArray, period_end: IntArray) -> pa.Table:
    """A version for each state: trialing, active, active but to be cancelled, canceled."""
    subs = billing.subscriptions
    every = np.arange(len(subs.account), dtype=np.int64)
    trial = subs.trial_end < NEVER
    begins = (
        (_TRIALING, trial, subs.created),
        (_ACTIVE, subs.paid_from < NEVER, subs.paid_from),
        (_ENDING, (subs.decided < subs.end) & (subs.end < NEVER), subs.decided),
        (_ENDED, subs.end < NEVER, subs.end),
    )
    rows = np.concatenate([every[mask] for _, mask, _ in begins])
    state = np.concatenate([np.full(int(mask.sum()), s) for s, mask, _ in begins])
    start = np.concatenate([at[mask] for _, mask, at in begins])
    seen = start < clock.as_of_end
    rows, state, start = rows[seen], state[seen], start[seen]
    order = np.lexsort((state, rows))
    rows, state, start = rows[order], state[order], start[order]
    first = np.append(True, rows[1:] != rows[:-1])
    # History mode notices a new subscription at its next sync, hours after it began.
    start = np.where(first, start + _sync_lag(rows), start)
    last = np.append(rows[1:] != rows[:-1], True)
    end = np.where(last, OPEN_END, np.append(start[1:], OPEN_END))
    asked = state >= _ENDING
    ended = state == _ENDED
    paying = period_start[rows] < NEVER
    return build(
        SCHEMAS["stripe", "subscription_history"],
        {
            "id": subscription_ids(rows),
            "customer_id": billing.customer_ids.take(pa.array(subs.customer[rows])),
            "status": when(
                (state == _ENDING) & (subs.paid_from[rows] == NEVER),
                pa.repeat(pa.scalar("trialing"), len(rows)),
                pick(("trialing", "active", "active", "canceled"), state),
            ),
            "start_date": timestamps(subs.created[rows]),
            "created": timestamps(subs.created[rows]),
            "trial_start": timestamps(np.where(trial, subs.created, NEVER)[rows]),
            "trial_end": timestamps(subs.trial_end[rows]),
            "cancel_at": timestamps(np.where(asked, subs.end[rows], NEVER)),
            "canceled_at": timestamps(np.where(asked, np.minimum(subs.decided, subs.end)[rows], NEVER)),
            "ended_at": timestamps(np.where(ended, subs.end[rows], NEVER)),
            "cancel_at_period_end": asked,
            "current_period_start": timestamps(np.where(paying, period_start[rows], subs.created[rows])),
            "current_period_end": timestamps(np.where(paying, period_end[rows], subs.trial_end[rows])),
            "quantity": pa.nulls(len(rows), pa.int64()),
            "metadata": "{}",
            "livemode": True,
            "_fivetran_start": timestamps(start),
            "_fivetran_end": timestamps(end),
            "_fivetran_active": last,
            "_fivetran_synced": timestamps(start + 10 * MINUTE),
        },
    )


def _sync_lag(rows: IntArray) -> IntArray:
    """Some minutes up to five hours, fixed by the row."""
    return (7 + rows * 37 % 293) * MINUTE


def _item_rows(clock: Clock, world: World, billing: Billing, period_start: IntArray, period_end: IntArray) -> pa.Table:
    """subscription_item in history mode: plan and quantity of each version."""
    subs, items = billing.subscriptions, billing.items
    seen = np.flatnonzero(items.start < clock.as_of_end)
    item, start, end = items.item[seen], items.start[seen], items.end[seen]
    sub = items.subscription[item]
    first = np.append(True, item[1:] != item[:-1])
    created = start[first][np.cumsum(first) - 1]
    removed = (end < clock.as_of_end) & np.append(item[1:] != item[:-1], True)
    last = np.append(item[1:] != item[:-1], True)
    end = np.where(last & ~removed, OPEN_END, end)
    start = np.where(first, start + _sync_lag(sub), start)
    index = price_index(items.product[seen], world.currency[subs.account[sub]], subs.interval[sub])
    paying = period_start[sub] < NEVER
    return build(
        SCHEMAS["stripe", "subscription_item"],
        {
            "id": item_ids(item),
            "subscription_id": subscription_ids(sub),
            "plan_id": price_ids(index),
            "quantity": items.quantity[seen],
            "created": timestamps(created),
            "current_period_start": timestamps(np.where(paying, period_start[sub], subs.created[sub])),
            "current_period_end": timestamps(np.where(paying, period_end[sub], subs.trial_end[sub])),
            "metadata": "{}",
            "_fivetran_start": timestamps(start),
            "_fivetran_end": timestamps(end),
            "_fivetran_active": last & ~removed,
            "_fivetran_synced": timestamps(np.where(removed, end, start) + 10 * MINUTE),
        },
    )
