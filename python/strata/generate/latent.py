"""The hidden truth by month: one state of engagement per account, and what follows from it (seats, plans, leaving,
coming back).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from strata.generate import vocabulary as v
from strata.generate.clock import DAY, HOUR, NEVER, Clock, add_months
from strata.generate.config import GenerateConfig
from strata.generate.randomness import BoolArray, FloatArray, IntArray, choose, logistic, stream
from strata.generate.world import PAYING, World

PERSISTENCE = 0.88
"""AR(1) coefficient of the state, a month."""
HAZARD_INTERCEPT = -4.85
HAZARD_SLOPE = 1.75
"""logit of the monthly hazard = intercept - slope * state - 0.12 * size class."""
SILENT_HAZARD = 0.0045
"""Monthly chance to leave for reasons that no behaviour announces (bought, bankrupt, reorganised)."""
TERM_EXPONENT = (1.0, 2.3, 6.0, 1.0)
"""How many monthly hazards one decision stands for, by interval: yearly contracts decide once a year, and stay
longer.
"""
FAREWELL = (0.25, 0.5, 0.8, 1.1, 1.3)
"""How much lower the state lies, from four months before to the month of the end, when an account leaves with signs."""
QUIET_SHARE = 0.80
QUIET_WEEKS = (4, 14)
"""Shortest and longest fading of usage before an announced end."""
WIN_BACK_SHARE = 0.16
STARVED_DRIFT = 0.25
"""How much lower the level of the state lies for an account whose CSM stopped calling."""

FloatGrid = npt.NDArray[np.float32]
IntGrid = npt.NDArray[np.int32]
SmallGrid = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Spells:
    """Unbroken times as a paying customer, one element a spell, sorted by account and start.

    account: row of the world; order: 0 first, 1 after a win-back and so on; start: first paid moment; end: first unpaid
    moment, NEVER while it lasts (as far as simulated); decided: when the customer said so; quiet_weeks: weeks of fading
    before the end, 0 for none; silent: left without a sign; interval: row of INTERVALS.
    """

    account: IntArray
    order: IntArray
    start: IntArray
    end: IntArray
    decided: IntArray
    quiet_weeks: IntArray
    silent: BoolArray
    interval: IntArray


@dataclass(frozen=True)
class Latent:
    """The grids are accounts × simulated months. terms: how many monthly hazards the decision of the month stands for,
    0 while none is due. spell: order of the spell that pays at the month's end, -1 for none.
    """

    health: FloatGrid
    hazard: FloatGrid
    terms: FloatGrid
    spell: SmallGrid
    seats: IntGrid
    plan: SmallGrid
    spells: Spells


@dataclass
class _State:
    """What the loop over months carries from one month to the next, one element an account."""

    active: BoolArray
    spell: IntArray
    begun: IntArray
    start: IntArray
    interval: IntArray
    seats: IntArray
    plan: IntArray
    returns: IntArray


def simulate(config: GenerateConfig, clock: Clock, world: World) -> Latent:
    """Runs the months one after the other, all accounts at once."""
    rng = stream(config.seed, "latent")
    n, months = world.n, clock.months
    health = _health(rng, clock, world)
    hazard = np.zeros((n, months), dtype=np.float32)
    terms = np.zeros((n, months), dtype=np.float32)
    spell = np.full((n, months), -1, dtype=np.int8)
    seats = np.zeros((n, months), dtype=np.int32)
    plan = np.full((n, months), -1, dtype=np.int8)
    state = _first_contract(rng, clock, world)
    first_month = np.where(world.kind == PAYING, clock.month_of(world.first_paid), months)
    rows: list[tuple[IntArray, ...]] = []
    for m in range(months):
        begins = (first_month == m) | (state.returns == m)
        _begin(rng, clock, world, state, begins, m)
        lean = 0.6 * health[:, max(0, m - 1)] + 0.4 * health[:, m]
        chance, silent_part = _leave_chance(state, world, lean.astype(np.float64), m)
        hazard[:, m] = chance
        terms[:, m] = np.where(chance > 0, np.array(TERM_EXPONENT)[state.interval], 0.0)
        leaves = state.active & ~begins & (rng.random(n) < chance)
        silent = leaves & (rng.random(n) < silent_part)
        if leaves.any():
            rows.append(_end(rng, clock, state, leaves, silent, m))
        came_back = leaves & (rng.random(n) < WIN_BACK_SHARE)
        state.returns = np.where(came_back, m + rng.integers(2, 7, n), np.where(leaves, -1, state.returns))
        state.active &= ~leaves
        _grow(rng, state, world, lean.astype(np.float64), begins, m)
        spell[:, m] = np.where(state.active, state.spell, -1)
        seats[:, m] = np.where(state.active, state.seats, 0)
        plan[:, m] = np.where(state.active, state.plan, -1)
    rows.append(_still_open(state))
    spells = _collect(rows)
    _farewell(clock, health, spells)
    return Latent(health, hazard, terms, spell, seats, plan, spells)


def _farewell(clock: Clock, health: FloatGrid, spells: Spells) -> None:
    """Lowers the state, in place, before an announced end: who has decided to leave uses and likes less for months."""
    announced = (spells.end < NEVER) & ~spells.silent
    account, start, end = spells.account[announced], spells.start[announced], spells.end[announced]
    last, begin = clock.month_of(end), clock.month_of(start)
    for back, drop in enumerate(reversed(FAREWELL)):
        month = last - back
        inside = month >= begin
        health[account[inside], month[inside]] -= np.float32(drop)
    np.clip(health, -4.0, 3.0, out=health)


def _health(rng: np.random.Generator, clock: Clock, world: World) -> FloatGrid:
    """AR(1) around an own level with shocks both ways; standard deviation about 1, mean about 0."""
    n, months = world.n, clock.months
    level = 0.55 * rng.standard_normal(n)
    starved_month = np.where(world.starved_from < NEVER, clock.month_of(world.starved_from), months)
    grid = np.empty((n, months), dtype=np.float32)
    now = level + 0.7 * rng.standard_normal(n)
    for m in range(months):
        shock = rng.random(n)
        jump = np.where(shock < 0.025, -1.5, np.where(shock > 0.985, 0.9, 0.0)) * (0.6 + 0.8 * rng.random(n))
        pull = level - STARVED_DRIFT * (starved_month <= m)
        now = PERSISTENCE * now + (1 - PERSISTENCE) * pull + 0.36 * rng.standard_normal(n) + jump
        grid[:, m] = np.clip(now, -3.5, 3.0)
    return grid


def _first_contract(rng: np.random.Generator, clock: Clock, world: World) -> _State:
    """Plan, seats and interval each account would sign first."""
    n, fee = world.n, world.target_usd
    u = rng.random(n)
    plan = np.select(
        [fee < 130, fee < 700, fee < 5_000],
        [
            np.where(u < 0.65, v.STARTER, v.TEAM),
            np.where(u < 0.80, v.TEAM, v.BUSINESS),
            np.where(u < 0.75, v.BUSINESS, v.TEAM),
        ],
        np.where(u < 0.70, v.ENTERPRISE, v.BUSINESS),
    )
    early = (world.first_paid < clock.history_start) & (rng.random(n) < 0.30) & (fee < 8_000)
    legacy = np.where((fee > 250) & (fee < 500) & (rng.random(n) < 0.6), v.CLASSIC_FLAT, v.CLASSIC)
    plan = np.where(early, legacy, plan).astype(np.int64)
    price = np.array([p.usd_cents / 100 for p in v.PRODUCTS])[plan]
    per_seat = np.array([p.seat for p in v.PRODUCTS])[plan]
    seats = np.where(per_seat, np.maximum(2, np.round(fee / price)), 1).astype(np.int64)
    yearly_share = np.array([0.18, 0.33, 0.52, 0.70])[world.size_class]
    w = rng.random(n)
    interval = np.select(
        [w < yearly_share, w < yearly_share + 0.09, w > 0.975], [v.YEARLY, v.QUARTERLY, v.WEEKLY], v.MONTHLY
    ).astype(np.int64)
    return _State(
        active=np.zeros(n, dtype=np.bool_),
        spell=np.full(n, -1, dtype=np.int64),
        begun=np.zeros(n, dtype=np.int64),
        start=np.full(n, NEVER, dtype=np.int64),
        interval=interval,
        seats=seats,
        plan=plan,
        returns=np.full(n, -1, dtype=np.int64),
    )


def _begin(rng: np.random.Generator, clock: Clock, world: World, state: _State, begins: BoolArray, month: int) -> None:
    """First payments and win-backs of a month. Who comes back signs a smaller contract of today's plans."""
    n = world.n
    again = begins & (state.spell >= 0)
    day = rng.integers(0, 28, n) * DAY + 9 * HOUR + (rng.random(n) * 8 * HOUR).astype(np.int64)
    state.start = np.where(begins, np.where(again, clock.edges[month] + day, world.first_paid), state.start)
    shrink = 0.6 + 0.4 * rng.random(n)
    seats = np.where(again, np.maximum(1, np.round(state.seats * shrink)).astype(np.int64), state.seats)
    legacy = np.isin(state.plan, [v.CLASSIC, v.CLASSIC_FLAT]) & again
    state.plan = np.where(legacy, np.where(state.plan == v.CLASSIC, v.TEAM, v.STARTER), state.plan)
    state.seats = seats
    state.interval = np.where(again & (rng.random(n) < 0.4), v.MONTHLY, state.interval)
    state.spell = np.where(begins, state.spell + 1, state.spell)
    state.begun = np.where(begins, month, state.begun)
    state.active |= begins
    state.returns = np.where(begins, -1, state.returns)


def _decides(state: _State, month: int) -> BoolArray:
    """Is a term of the contract over in this month?"""
    age = month - state.begun
    length = np.array(v.INTERVAL_MONTHS, dtype=np.int64)[state.interval]
    return np.asarray((age > 0) & (age % length == 0), dtype=np.bool_)


def _leave_chance(state: _State, world: World, lean: FloatArray, month: int) -> tuple[FloatArray, FloatArray]:
    """Chance to leave in this month, and the share of it that no behaviour announces."""
    monthly = logistic(HAZARD_INTERCEPT - HAZARD_SLOPE * lean - 0.12 * world.size_class)
    exponent = np.array(TERM_EXPONENT)[state.interval]
    announced = 1 - (1 - monthly) ** exponent
    silent = 1 - (1 - SILENT_HAZARD) ** exponent
    chance = np.where(state.active & _decides(state, month), 1 - (1 - announced) * (1 - silent), 0.0)
    return chance, silent / (announced + silent)


def _end(
    rng: np.random.Generator, clock: Clock, state: _State, leaves: BoolArray, silent: BoolArray, month: int
) -> tuple[IntArray, ...]:
    """Spells that end in this month: at the end of the period that is paid for, decided days or weeks before."""
    who = np.flatnonzero(leaves).astype(np.int64)
    start = state.start[who]
    end = add_months(start, np.full(len(who), month, dtype=np.int64) - clock.month_of(start))
    weekly = state.interval[who] == v.WEEKLY
    # The first weekly boundary in the month.
    weeks = -(-(clock.edges[month] - start) // (7 * DAY))
    end = np.where(weekly, start + weeks * 7 * DAY, end)
    notice = (1 + rng.random(len(who)) * np.array([20, 45, 60, 5])[state.interval[who]]).astype(np.int64) * DAY
    decided = np.maximum(start + DAY, end - notice)
    quiet = (~silent[who] & (rng.random(len(who)) < QUIET_SHARE)) * rng.integers(
        QUIET_WEEKS[0], QUIET_WEEKS[1] + 1, len(who)
    )
    return (who, state.spell[who], start, end, decided, quiet, silent[who].astype(np.int64), state.interval[who])


def _still_open(state: _State) -> tuple[IntArray, ...]:
    """Spells that outlast the simulation."""
    who = np.flatnonzero(state.active).astype(np.int64)
    never = np.full(len(who), NEVER, dtype=np.int64)
    zero = np.zeros(len(who), dtype=np.int64)
    return (who, state.spell[who], state.start[who], never, never, zero, zero, state.interval[who])


def _collect(rows: list[tuple[IntArray, ...]]) -> Spells:
    """All spells, sorted by account and start."""
    account, order, start, end, decided, quiet, silent, interval = (
        np.concatenate(column).astype(np.int64) for column in zip(*rows, strict=True)
    )
    by = np.lexsort((start, account))
    return Spells(
        account[by], order[by], start[by], end[by], decided[by], quiet[by], silent[by].astype(np.bool_), interval[by]
    )


def _grow(
    rng: np.random.Generator, state: _State, world: World, lean: FloatArray, begins: BoolArray, month: int
) -> None:
    """Seats and plans of the accounts that stay: content ones grow, unhappy ones shrink (yearly contracts only at
    renewal).
    """
    n = len(lean)
    stays = state.active & ~begins
    per_seat = np.array([p.seat for p in v.PRODUCTS])[state.plan]
    u = rng.random(n)
    grows = stays & per_seat & (u < 0.055 * np.exp(0.5 * lean))
    yearly = state.interval == v.YEARLY
    shrink_rate = np.where(yearly, np.where(_decides(state, month), 0.09, 0.0), 0.011)
    shrinks = stays & per_seat & ~grows & (u > 1 - shrink_rate * np.exp(-0.7 * lean))
    more = np.maximum(1, np.round(state.seats * (0.05 + 0.35 * rng.random(n) ** 2))).astype(np.int64)
    less = np.maximum(1, np.round(state.seats * (0.05 + 0.35 * rng.random(n)))).astype(np.int64)
    state.seats = np.where(grows, state.seats + more, state.seats)
    state.seats = np.where(shrinks, np.maximum(1, state.seats - less), state.seats)
    upgrades = stays & ~grows & ~shrinks & (rng.random(n) < 0.005 * np.exp(0.4 * lean))
    step = {
        v.STARTER: v.TEAM,
        v.TEAM: v.BUSINESS,
        v.BUSINESS: v.ENTERPRISE,
        v.CLASSIC: v.TEAM,
        v.CLASSIC_FLAT: v.BUSINESS,
    }
    target = np.array([step.get(i, i) for i in range(len(v.PRODUCTS))], dtype=np.int64)[state.plan]
    entry = np.where(state.plan == v.STARTER, 5, np.where(state.plan == v.CLASSIC_FLAT, 9, state.seats))
    state.seats = np.where(upgrades, entry, state.seats)
    state.plan = np.where(upgrades, target, state.plan)


def health_at(latent: Latent, clock: Clock, account: IntArray, times: IntArray) -> FloatArray:
    """The latent state of accounts in the month of the given times."""
    return latent.health[account, clock.month_of(times)].astype(np.float64)


def spell_of(spells: Spells, account: IntArray, times: IntArray) -> IntArray:
    """Row of the spell an account is in, or was in last, at each time; -1 before the first one.

    Spells are sorted by account and start, and an account has few of them.
    """
    first = np.searchsorted(spells.account, account, side="left")
    last = np.searchsorted(spells.account, account, side="right")
    found = np.full(len(account), -1, dtype=np.int64)
    for order in range(int(spells.order.max()) + 1):
        row = first + order
        inside = row < last
        safe = np.where(inside, row, 0)
        begun = inside & (spells.start[safe] <= times)
        found = np.where(begun, safe, found)
    return found


def draw_interval(rng: np.random.Generator, size: int) -> IntArray:
    """Billing intervals of second subscriptions."""
    return choose(rng, [0.7, 0.05, 0.25, 0.0], size)
