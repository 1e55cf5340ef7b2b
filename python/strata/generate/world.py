"""Who the accounts are: everything about them that does not move with time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from strata.generate import vocabulary as v
from strata.generate.arrow import pick, texts
from strata.generate.clock import AHEAD_MONTHS, DAY, HOUR, NEVER, PRE_MONTHS, Clock
from strata.generate.config import GenerateConfig
from strata.generate.randomness import BoolArray, FloatArray, IntArray, choose, stream

PAYING, TRIAL, PROSPECT, MERGED = range(4)
"""Kinds of account: pays at some time; tried and never converted; never bought; a duplicate merged into another."""
KIND_SHARES = (0.78, 0.10, 0.11, 0.01)
SMALL, MEDIUM, LARGE, STRATEGIC = range(4)
SIZE_EDGES = (500.0, 2_500.0, 10_000.0)
"""Monthly fee in USD that an account of the class starts near: below 500, 2,500, 10,000, and above."""
NOVICE, PRACTITIONER, EXPERT = range(3)
SOPHISTICATION_SHARES = (0.40, 0.38, 0.22)
TRIAL_DAYS = 14
EXISTING_SHARE = 0.37
"""Share of the paying accounts whose first payment lies before the first observed month."""
BRAND_SHARE = 0.025
STARVED_SHARE = 0.12
_ID_PRIME = 9_999_999_967  # account ids count up in steps modulo a prime, so that they neither repeat nor look sorted


@dataclass(frozen=True)
class World:
    """Accounts as columns, one element an account. Times in microseconds, NEVER for none; parent and the like are
    row numbers, -1 for none.
    """

    kind: IntArray
    name: list[str]
    domain: list[str]
    sf_id: pa.Array
    number: pa.Array
    country: IntArray
    industry: IntArray
    employees: IntArray
    size_class: IntArray
    target_usd: FloatArray
    sophistication: IntArray
    is_brand: BoolArray
    parent: IntArray
    shares_domain: BoolArray
    created: IntArray
    first_paid: IntArray
    has_trial: BoolArray
    starved_from: IntArray
    merged_into: IntArray
    absorbed: IntArray

    @property
    def n(self) -> int:
        """Number of accounts."""
        return len(self.kind)

    @property
    def currency(self) -> IntArray:
        """Billing currency, a row number of CURRENCIES."""
        by_country = np.array([v.CURRENCIES.index(c.currency) for c in v.COUNTRIES], dtype=np.int64)
        return np.asarray(by_country[self.country], dtype=np.int64)

    @property
    def in_product_from(self) -> IntArray:
        """When the first user could sign in: start of the trial, else the first paid day."""
        return np.where((self.first_paid < NEVER) & self.has_trial, self.first_paid - TRIAL_DAYS * DAY, self.first_paid)


def make_world(config: GenerateConfig, clock: Clock) -> World:
    """Draws the accounts of a config."""
    n = config.accounts
    rng = stream(config.seed, "world")
    kind = _kinds(rng, n)
    country = choose(rng, [c.weight for c in v.COUNTRIES], n)
    target = _target_fee(rng, n)
    size_class = np.searchsorted(np.array(SIZE_EDGES), target, side="right").astype(np.int64)
    names, domains, is_brand = _names(rng, n, country, kind)
    first_paid, created, has_trial = _beginnings(rng, clock, kind, size_class)
    parent = _parents(rng, kind, target, created)
    shares_domain = _share_domains(rng, domains, parent, kind, is_brand)
    merged_into, absorbed = _merges(rng, kind, names, domains, created, clock)
    starved = (rng.random(n) < STARVED_SHARE) & (kind == PAYING) & (size_class > SMALL)
    late_start = np.maximum(first_paid, clock.history_start) + (rng.random(n) * 240 * DAY).astype(np.int64)
    return World(
        kind=kind,
        name=names,
        domain=domains,
        sf_id=texts([f"001S4{(i * 7_919_317 + 104_729) % _ID_PRIME:010d}QAW" for i in range(n)]),
        number=texts([f"AC-{100_000 + i}" for i in range(n)]),
        country=country,
        industry=choose(rng, [5, 3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1], n),
        employees=_employees(rng, target),
        size_class=size_class,
        target_usd=target,
        sophistication=choose(rng, SOPHISTICATION_SHARES, n),
        is_brand=is_brand,
        parent=parent,
        shares_domain=shares_domain,
        created=created,
        first_paid=first_paid,
        has_trial=has_trial,
        starved_from=np.where(starved, late_start, NEVER),
        merged_into=merged_into,
        absorbed=absorbed,
    )


def _kinds(rng: np.random.Generator, n: int) -> IntArray:
    """Kinds in exact shares, at least one of each, shuffled."""
    counts = np.maximum(1, np.round(np.array(KIND_SHARES) * n)).astype(np.int64)
    counts[PAYING] = n - counts[1:].sum()
    return rng.permutation(np.repeat(np.arange(4, dtype=np.int64), counts))


def _target_fee(rng: np.random.Generator, n: int) -> FloatArray:
    """USD a month near which an account starts: log-normal with 40 % below 500 and 20 % above 5,000; the far tail is
    compressed.
    """
    raw = np.exp(6.62 + 2.10 * rng.standard_normal(n))
    squeezed = np.where(raw > 5_000, 5_000 * np.sqrt(raw / 5_000), raw)
    return np.asarray(np.clip(squeezed, 40, 60_000), dtype=np.float64)


def _employees(rng: np.random.Generator, target: FloatArray) -> IntArray:
    """Head count, log-normal around the size of the contract but loosely: a big company may buy little."""
    return np.maximum(2, np.exp(1.6 + 0.50 * np.log(target) + 0.95 * rng.standard_normal(len(target)))).astype(np.int64)


def _names(
    rng: np.random.Generator, n: int, country: IntArray, kind: IntArray
) -> tuple[list[str], list[str], BoolArray]:
    """Unique names and domains; the first brands go to random paying accounts, whatever they pay."""
    stems = sorted({a + b for a in v.NAME_STARTS for b in v.NAME_ENDS})
    total = len(stems) * len(v.NAME_FIELDS)
    order = np.concatenate([rng.permutation(total) for _ in range(-(-n // total))])[:n]
    with_form = rng.random(n) < 0.5
    names, domains = [], []
    for i, code in enumerate(order.tolist()):
        again = "" if i < total else f" {i // total + 1}"
        base = f"{stems[code // len(v.NAME_FIELDS)]}{again} {v.NAME_FIELDS[code % len(v.NAME_FIELDS)]}"
        domains.append(base.lower().replace(" ", "-") + ".example")
        names.append(f"{base} {v.COUNTRIES[int(country[i])].legal_form}" if with_form[i] else base)
    is_brand = np.zeros(n, dtype=np.bool_)
    wanted = min(len(v.BRANDS), max(2, round(BRAND_SHARE * n)))
    chosen = rng.permutation(np.flatnonzero(kind == PAYING))[:wanted]
    for (domain, brand), i in zip(v.BRANDS, chosen.tolist(), strict=False):
        names[i], domains[i] = brand, domain
    is_brand[chosen] = True
    return names, domains, is_brand


def _beginnings(
    rng: np.random.Generator, clock: Clock, kind: IntArray, size_class: IntArray
) -> tuple[IntArray, IntArray, BoolArray]:
    """First paid (trial end for those that never convert), creation in the CRM, and whether a trial came before."""
    n = len(kind)
    observed = clock.months - PRE_MONTHS - AHEAD_MONTHS
    early = rng.random(n) < EXISTING_SHARE
    month = np.where(early, rng.integers(0, PRE_MONTHS, n), PRE_MONTHS + rng.integers(0, observed, n))
    day = rng.integers(0, 28, n)
    time = day * DAY + 8 * HOUR + (rng.random(n) * 10 * HOUR).astype(np.int64)
    # The last month may be cut by as_of: whoever would start after it starts a month earlier.
    month = np.where(clock.edges[month] + time >= clock.as_of_end - DAY, month - 1, month)
    first = clock.edges[month] + time
    has_trial = (rng.random(n) < np.array([0.6, 0.45, 0.25, 0.1])[size_class]) | (kind == TRIAL)
    lead = (20 + rng.gamma(2.0, np.array([10.0, 18.0, 30.0, 45.0])[size_class])) * DAY
    created = np.maximum(first - lead.astype(np.int64), clock.start - 120 * DAY + (day * DAY))
    created = np.minimum(created, first - (TRIAL_DAYS + 2) * DAY)
    first_paid = np.where(kind == PAYING, first, NEVER)
    # A trial that never converted keeps the moment its trial ended in the same column.
    first_paid = np.where(kind == TRIAL, first, first_paid)
    return first_paid, created, has_trial


def _parents(rng: np.random.Generator, kind: IntArray, target: FloatArray, created: IntArray) -> IntArray:
    """One account in ten belongs to a larger one; no chains, so that no cycle can arise."""
    n = len(kind)
    heads = rng.permutation(np.flatnonzero((target > np.quantile(target, 0.75)) & (kind == PAYING)))[: max(1, n // 25)]
    child = (rng.random(n) < 0.10) & (kind != MERGED)
    child[heads] = False
    parent = heads[rng.integers(0, len(heads), n)]
    return np.where(child, parent, -1).astype(np.int64)


def _share_domains(
    rng: np.random.Generator, domains: list[str], parent: IntArray, kind: IntArray, is_brand: BoolArray
) -> BoolArray:
    """A few subsidiaries use the web domain of their parent: nobody can tell the two apart by domain."""
    able = np.flatnonzero((parent >= 0) & (kind == PAYING) & ~is_brand)
    chosen = rng.permutation(able)[: max(1, len(parent) // 100)] if len(able) else able
    shares = np.zeros(len(parent), dtype=np.bool_)
    for i in chosen.tolist():
        head = int(parent[i])
        domains[i] = domains[head]
        shares[i] = shares[head] = True
    return shares


def _merges(
    rng: np.random.Generator, kind: IntArray, names: list[str], domains: list[str], created: IntArray, clock: Clock
) -> tuple[IntArray, IntArray]:
    """Duplicates of paying accounts: which one each went into and when. They carry its domain and a sloppy name."""
    into = np.full(len(kind), -1, dtype=np.int64)
    absorbed = np.full(len(kind), NEVER, dtype=np.int64)
    losers = np.flatnonzero(kind == MERGED)
    winners = rng.permutation(np.flatnonzero(kind == PAYING))[: len(losers)]
    for loser, winner in zip(losers.tolist(), winners.tolist(), strict=False):
        into[loser] = winner
        names[loser] = names[winner].upper() + " (old)"
        domains[loser] = domains[winner]
        # The duplicate is made after the original, and merged in the observed time.
        created[loser] = min(created[winner] + (1 + int(rng.integers(0, 20))) * DAY, clock.as_of_end - 2 * DAY)
        begin = min(max(int(created[loser]) + 30 * DAY, clock.history_start), clock.as_of_end - DAY)
        absorbed[loser] = begin + int(rng.random() * (clock.as_of_end - begin))
    return into, absorbed


def country_names(world: World) -> pa.Array:
    """Name of the country of each account."""
    return pick([c.name for c in v.COUNTRIES], world.country)
