"""Segment: product events (tracks), and who the users and workspaces are (identifies, groups), block by block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from strata.generate import vocabulary as v
from strata.generate.arrow import as_text, build, join, pick, timestamps, when
from strata.generate.clock import DAY, HOUR, MINUTE, NEVER, PRE_MONTHS, SECOND, Clock
from strata.generate.config import BLOCK_ACCOUNTS, GenerateConfig
from strata.generate.identity import Traces
from strata.generate.latent import Latent
from strata.generate.people import people
from strata.generate.randomness import BoolArray, FloatArray, IntArray, hex_ids, stream
from strata.generate.schemas import SCHEMAS
from strata.generate.world import PAYING, TRIAL, TRIAL_DAYS, World

WEEK = 7 * DAY
DUPLICATE_SHARE = 0.005
LATE_SHARE = 0.02
"""Share of the events that arrive hours to five days after they happened."""
SECOND_WORKSPACE_EVERY = 31
"""Every so many accounts, half of the users work in a second workspace."""
QUIET_FLOOR = 0.04
_DAY_WEIGHTS = np.array([1.0, 1.1, 1.12, 1.05, 0.88, 0.13, 0.10])
_HOUR_WEIGHTS = np.array(
    [0.2, 0.1, 0.1, 0.1, 0.2, 0.5, 1.5, 4, 8, 10, 10, 9, 6, 8, 9, 9, 8, 5, 2.5, 1.5, 1, 0.8, 0.5, 0.3]
)
_OFFSETS = np.array([c.utc_hours for c in v.COUNTRIES], dtype=np.int64)
_PROPERTIES = tuple(
    f'{{"source":"{source}","duration_ms":{ms}}}'
    for source in ("web", "desktop", "mobile", "api")
    for ms in (40, 75, 120, 180, 260, 400, 650, 1_100, 2_400)
)
_FAILED = len(v.EVENTS) - 1


@dataclass(frozen=True)
class Block:
    """The events of one block of accounts, sorted by arrival. duplicated: deliveries that came twice, taken from
    tracks.
    """

    tracks: pa.Table
    duplicated: pa.Table
    identifies: pa.Table
    groups: pa.Table


class EventMaker:
    """Makes the blocks of a company one after the other; each depends on the seed and its number alone."""

    def __init__(self, config: GenerateConfig, clock: Clock, world: World, latent: Latent, traces: Traces) -> None:
        self._config, self._clock, self._world, self._traces = config, clock, world, traces
        self._latent = latent if config.usage_signal else _without_signal(latent)
        monday = clock.start // DAY * DAY
        monday -= (monday // DAY + 3) % 7 * DAY
        self._weeks = np.arange(monday, clock.as_of_end, WEEK, dtype=np.int64)
        self._holiday = _holidays(self._weeks)
        spells = latent.spells
        self._first = np.searchsorted(spells.account, np.arange(world.n)).astype(np.int64)
        self._spells = (np.searchsorted(spells.account, np.arange(world.n), side="right") - self._first).astype(
            np.int64
        )
        self._scale = self._calibrate()

    @property
    def blocks(self) -> int:
        """Number of blocks."""
        return -(-self._world.n // BLOCK_ACCOUNTS)

    def _calibrate(self) -> float:
        """The factor that gives config.events_per_account on average over the observed weeks."""
        total = 0.0
        seen = self._weeks >= self._clock.history_start
        for block in range(self.blocks):
            shape = self._shape(block)
            total += float(shape.rate[:, seen].sum())
        months = self._clock.months
        observed = (months - PRE_MONTHS - 3) / 24
        return self._config.events_per_account * self._world.n * observed / max(total, 1e-9)

    def _shape(self, block: int) -> _Shape:
        """Users and relative rate by account and week of a block."""
        rng = stream(self._config.seed, "events.shape", block)
        begin = block * BLOCK_ACCOUNTS
        account = np.arange(begin, min(begin + BLOCK_ACCOUNTS, self._world.n), dtype=np.int64)
        return _make_shape(rng, self._clock, self._world, self._latent, self._weeks, self._holiday, account,
                           self._first[account], self._spells[account])  # fmt: skip

    def __iter__(self) -> Iterator[Block]:
        """All blocks in order."""
        for block in range(self.blocks):
            yield self.make(block)

    def make(self, block: int) -> Block:
        """One block."""
        shape = self._shape(block)
        rng = stream(self._config.seed, "events", block)
        visits = rng.poisson(shape.rate * self._scale / self._config.events_per_visit)
        cell = np.repeat(np.arange(visits.size, dtype=np.int64), visits.ravel())
        local, week = cell // len(self._weeks), cell % len(self._weeks)
        at = _moments(rng, self._weeks[week], _OFFSETS[self._world.country[shape.account[local]]])
        spell_ok = _inside(shape, local, at) & (at < self._clock.as_of_end)
        local, week, at = local[spell_ok], week[spell_ok], at[spell_ok]
        user = _users(rng, shape, local, week)
        lag = _delays(rng, len(at))
        if self._config.events_per_visit > 1:
            # The events of a visit follow each other within minutes, and arrive together.
            times = 1 + rng.poisson(self._config.events_per_visit - 1, len(at))
            local, week, at, user, lag = (np.repeat(c, times) for c in (local, week, at, user, lag))
            at = at + (rng.random(len(at)) * 20 * MINUTE).astype(np.int64)
        arrived = at + lag < self._clock.as_of_end
        local, week, at, user, lag = (c[arrived] for c in (local, week, at, user, lag))
        kind = self._kinds(rng, shape, local, at)
        order = np.argsort(at + lag, kind="stable")
        local, at, user, lag, kind = (c[order] for c in (local, at, user, lag, kind))
        tracks = self._tracks(rng, block, shape, local, at, user, lag, kind)
        again = np.flatnonzero(rng.random(len(at)) < DUPLICATE_SHARE)
        identifies, groups = self._introductions(rng, block, shape, local, user, at)
        return Block(tracks, tracks.take(pa.array(again)), identifies, groups)

    def _kinds(self, rng: np.random.Generator, shape: _Shape, local: IntArray, at: IntArray) -> IntArray:
        """Which event: the account's own mix, and more failed actions the worse its state."""
        world, account = self._world, shape.account
        level = world.sophistication[account]
        base = np.array(v.EVENT_WEIGHTS)[level]
        base = base * rng.gamma(6.0, 1 / 6.0, base.shape)
        optional = np.zeros(len(v.EVENTS), dtype=np.bool_)
        optional[[3, 4, 6, 7, 8, 9, 10, 11, 12, 14]] = True
        used = rng.random(base.shape) < np.array(v.EVENT_BREADTH)[level][:, None]
        edges = np.cumsum(np.where(optional & ~used, 0.0, base), axis=1)
        edges /= edges[:, -1:]
        u = rng.random(len(local))
        kind = np.zeros(len(local), dtype=np.int64)
        for e in range(len(v.EVENTS) - 1):
            kind += u >= edges[local, e]
        state = self._latent.health[account[local], self._clock.month_of(at)]
        chance = np.array([0.03, 0.02, 0.012])[level][local] * np.exp(-0.7 * state)
        return np.where(rng.random(len(local)) < chance, _FAILED, kind)

    def _tracks(
        self, rng: np.random.Generator, block: int, shape: _Shape, local: IntArray, at: IntArray, user: IntArray,
        lag: IntArray, kind: IntArray,
    ) -> pa.Table:  # fmt: skip
        """The table of a block, in the order of arrival."""
        rows = len(at)
        account = shape.account[local]
        users = user_ids(shape.user_account, shape.user_number)
        row_of_user = shape.user_first[local] + user
        workspaces = workspace_ids(account, self._second(account, user))
        u = rng.random(rows)
        sent = at + (rng.random(rows) * 3 * SECOND).astype(np.int64)
        sent = np.where(lag > 10 * MINUTE, at + lag - SECOND, sent)
        return build(
            SCHEMAS["segment", "tracks"],
            {
                "id": hex_ids("ajs-", block * np.int64(1 << 32) + np.arange(rows, dtype=np.int64)),
                "anonymous_id": join("anon-", users).take(pa.array(row_of_user)),
                "user_id": pick(users, row_of_user, null=u < 0.01),
                # Most calls carry the workspace; the rest is found through the user; a few anonymous ones not at all.
                "context_group_id": when((u < 0.004) | (u > 0.86), None, workspaces),
                "event": pick(v.EVENTS, kind),
                "event_text": pick(tuple(e.replace("_", " ").capitalize() for e in v.EVENTS), kind),
                "timestamp": timestamps(at),
                "original_timestamp": timestamps(at),
                "sent_at": timestamps(np.maximum(sent, at)),
                "received_at": timestamps(at + lag),
                "properties": pick(_PROPERTIES, rng.integers(0, len(_PROPERTIES), rows)),
            },
        )  # fmt: skip

    def _second(self, account: IntArray, user: IntArray) -> BoolArray:
        """Does this user work in the second workspace of the account?"""
        return np.asarray((account % SECOND_WORKSPACE_EVERY == 5) & (user % 2 == 1), dtype=np.bool_)

    def _introductions(
        self, rng: np.random.Generator, block: int, shape: _Shape, local: IntArray, user: IntArray, at: IntArray
    ) -> tuple[pa.Table, pa.Table]:
        """identifies and groups of every user, just before the first event; users without events some time in their
        week.
        """
        total = len(shape.user_account)
        first = np.full(total, NEVER, dtype=np.int64)
        np.minimum.at(first, shape.user_first[local] + user, at)
        joined = np.maximum(shape.user_joined + (rng.random(total) * 5 * DAY).astype(np.int64), shape.user_begin + HOUR)
        first = np.where(first < NEVER, first, joined)
        first = np.where(rng.random(total) < 0.02, np.minimum(first, joined), first)
        keep = np.flatnonzero(first < self._clock.as_of_end)
        account, number, at_first = shape.user_account[keep], shape.user_number[keep], first[keep] - 20 * SECOND
        users = user_ids(account, number)
        who = people(self._config, account, number)
        counter = block * np.int64(1 << 32) + keep
        second = self._second(account, number)
        role = np.where(number == 0, 0, np.where(number % 9 == 4, 1, np.where(number % 5 == 3, 3, 2)))
        moments = {
            "timestamp": timestamps(at_first),
            "sent_at": timestamps(at_first + SECOND),
            "received_at": timestamps(at_first + 2 * SECOND),
        }
        identifies = build(
            SCHEMAS["segment", "identifies"],
            {
                "id": hex_ids("ajs-i-", counter),
                "user_id": users,
                "anonymous_id": join("anon-", users),
                "email": who.email(pick(self._traces.domain, account)),
                "name": who.name,
                "role": pick(("owner", "admin", "member", "viewer"), role),
                **moments,
            },
        )
        names = pick(self._traces.name, account)
        vague = np.isin(self._traces.match[account], (2, 3))
        groups = build(
            SCHEMAS["segment", "groups"],
            {
                "id": hex_ids("ajs-g-", counter),
                "user_id": users,
                "group_id": workspace_ids(account, second),
                "name": names,
                "domain": when(vague, None, pick(self._traces.domain, account)),
                "salesforce_account_id": pick(self._traces.reference, account),
                **moments,
            },
        )
        return identifies, groups


def user_ids(account: IntArray, number: IntArray) -> pa.Array:
    """Ids of product users."""
    return join("u_", as_text(account + 1), "_", as_text(number + 1))


def workspace_ids(account: IntArray, second: BoolArray) -> pa.Array:
    """Ids of workspaces."""
    return join("ws_", as_text((account + 1) * 10 + second))


@dataclass(frozen=True)
class _Shape:
    """A block before the events are drawn.

    account: rows of the world; rate: relative rate, accounts × weeks; begin, end: accounts × spells in microseconds
    (begin is NEVER where there is none); users: users there are, accounts × weeks. user_*: the users of the block, one
    element each, sorted by account and number; user_first: row of the first user of each account.
    """

    account: IntArray
    rate: FloatArray
    begin: IntArray
    end: IntArray
    users: npt.NDArray[np.int64]
    user_account: IntArray
    user_number: IntArray
    user_joined: IntArray
    user_begin: IntArray
    user_first: IntArray


def _without_signal(latent: Latent) -> Latent:
    """The same company, in which use says nothing about who will leave."""
    spells = replace(latent.spells, quiet_weeks=np.zeros_like(latent.spells.quiet_weeks))
    return replace(latent, health=np.zeros_like(latent.health), spells=spells)


def _holidays(weeks: IntArray) -> FloatArray:
    """Little happens around the turn of the year, and somewhat less in August."""
    days = weeks.astype("datetime64[us]").astype("datetime64[D]")
    day_of_year = (days - days.astype("datetime64[Y]")).astype(np.int64)
    month = days.astype("datetime64[M]").astype(np.int64) % 12
    return np.where((day_of_year >= 352) | (day_of_year < 1), 0.35, np.where(month == 7, 0.85, 1.0))


def _make_shape(
    rng: np.random.Generator, clock: Clock, world: World, latent: Latent, weeks: IntArray, holiday: FloatArray,
    account: IntArray, first_spell: IntArray, spell_count: IntArray,
) -> _Shape:  # fmt: skip
    """Ramp-up, engagement by state, and fading before the end, by week; and how many users there are by then."""
    n, w = len(account), len(weeks)
    middle = weeks + WEEK // 2
    month = clock.month_of(middle)
    state = latent.health[account][:, month].astype(np.float64)
    seats = latent.seats[account][:, month].astype(np.float64)
    next_seats = latent.seats[account][:, np.minimum(month + 1, clock.months - 1)]
    seats = np.maximum(seats, np.where(seats > 0, seats, next_seats))
    level = world.sophistication[account]
    adoption = 0.55 + 0.4 * rng.random(n)
    flat = np.maximum(3, world.target_usd[account] / 30.0)
    begin, end = _windows(world, latent, account, first_spell, spell_count)
    age = np.full((n, w), -1.0)
    left = np.full((n, w), 1e6)
    for s in range(begin.shape[1]):
        on = (weeks[None, :] + WEEK > begin[:, s, None]) & (weeks[None, :] < end[:, s, None])
        age = np.where(on, np.maximum(0.0, (middle[None, :] - begin[:, s, None]) / WEEK), age)
        left = np.where(on, (end[:, s, None] - middle[None, :]) / WEEK, left)
    on = age >= 0
    plan_seats = np.where(seats > 1.5, seats, flat[:, None])
    slow = np.array([11.0, 7.0, 4.5])[level][:, None]
    ramp = 0.30 + 0.70 * (1 - np.exp(-np.maximum(age, 0) / slow))
    users = np.where(on, np.maximum(1, np.ceil(plan_seats * adoption[:, None] * ramp)), 0).astype(np.int64)
    users = np.where((world.kind[account] == TRIAL)[:, None], np.minimum(users, 6), users)
    quiet = _quiet_weeks(latent, account, first_spell, spell_count, begin.shape[1])
    fade = np.ones((n, w))
    for s in range(begin.shape[1]):
        near = (left < quiet[:, s, None]) & (middle[None, :] >= begin[:, s, None]) & (middle[None, :] < end[:, s, None])
        fade = np.where(near, np.maximum(QUIET_FLOOR, (left / np.maximum(quiet[:, s, None], 1)) ** 2), fade)
    noise = rng.lognormal(0.0, 0.22, (n, w))
    engaged = np.exp(0.42 * state) * np.array([0.85, 1.0, 1.2])[level][:, None]
    rate = np.where(on, users**0.80 * engaged * (0.45 + 0.55 * ramp) * fade * noise * holiday[None, :], 0.0)
    return _Shape(account, rate, begin, end, users, *_enumerate_users(account, users, weeks, begin))


def _windows(
    world: World, latent: Latent, account: IntArray, first: IntArray, count: IntArray
) -> tuple[IntArray, IntArray]:
    """[begin, end) of each time in the product: the trial and the spells."""
    widest = max(1, int(count.max(initial=0)))
    begin = np.full((len(account), widest), NEVER, dtype=np.int64)
    end = np.full((len(account), widest), NEVER, dtype=np.int64)
    spells = latent.spells
    for s in range(widest):
        has = count > s
        row = np.where(has, first + s, 0)
        begin[:, s] = np.where(has, spells.start[row], NEVER)
        end[:, s] = np.where(has, spells.end[row], NEVER)
    paying = (world.kind[account] == PAYING) & world.has_trial[account] & (count > 0)
    begin[:, 0] = np.where(paying, begin[:, 0] - TRIAL_DAYS * DAY, begin[:, 0])
    trial = world.kind[account] == TRIAL
    over = world.first_paid[account]
    begin[:, 0] = np.where(trial, over - TRIAL_DAYS * DAY, begin[:, 0])
    end[:, 0] = np.where(trial, over, end[:, 0])
    return begin, end


def _quiet_weeks(latent: Latent, account: IntArray, first: IntArray, count: IntArray, widest: int) -> FloatArray:
    """Weeks of fading before the end of each spell, accounts × spells."""
    quiet = np.zeros((len(account), widest))
    for s in range(widest):
        has = count > s
        quiet[:, s] = np.where(has, latent.spells.quiet_weeks[np.where(has, first + s, 0)], 0)
    return quiet


def _enumerate_users(
    account: IntArray, users: npt.NDArray[np.int64], weeks: IntArray, begin: IntArray
) -> tuple[IntArray, IntArray, IntArray, IntArray, IntArray]:
    """Every user there ever is, with the week in which the number of users first exceeded its own number."""
    peak = np.maximum.accumulate(users, axis=1)
    fresh = np.diff(peak, axis=1, prepend=0)
    row, week = np.nonzero(fresh)
    times = fresh[row, week]
    owner = np.repeat(row, times)
    joined = np.repeat(weeks[week], times)
    total = peak[:, -1]
    first = np.cumsum(total) - total
    number = np.arange(len(owner), dtype=np.int64) - first[owner]
    return account[owner], number, joined, begin[owner, 0], first.astype(np.int64)


def _moments(rng: np.random.Generator, week: IntArray, offset: IntArray) -> IntArray:
    """A moment of the week: working days and office hours of the customer, mostly."""
    rows = len(week)
    day = np.searchsorted(np.cumsum(_DAY_WEIGHTS) / _DAY_WEIGHTS.sum(), rng.random(rows), side="right")
    hour = np.searchsorted(np.cumsum(_HOUR_WEIGHTS) / _HOUR_WEIGHTS.sum(), rng.random(rows), side="right")
    within = (rng.random(rows) * 3_600_000).astype(np.int64) * 1_000
    return np.asarray(week + day * DAY + (hour - offset) * HOUR + within, dtype=np.int64)


def _inside(shape: _Shape, local: IntArray, at: IntArray) -> BoolArray:
    """Does the moment lie in one of the times in the product?"""
    inside = np.zeros(len(at), dtype=np.bool_)
    for s in range(shape.begin.shape[1]):
        inside |= (at >= shape.begin[local, s] + HOUR) & (at < shape.end[local, s])
    return inside


def _users(rng: np.random.Generator, shape: _Shape, local: IntArray, week: IntArray) -> IntArray:
    """Number of the acting user: all there are by that week, the first ones more active."""
    return (rng.random(len(local)) ** 1.7 * shape.users[local, week]).astype(np.int64)


def _delays(rng: np.random.Generator, rows: int) -> IntArray:
    """From the event to its arrival: seconds, or hours to five days for the late ones."""
    quick = (rng.exponential(2.0, rows) * SECOND).astype(np.int64) + SECOND // 5
    late = (HOUR + rng.random(rows) ** 2 * (5 * DAY - HOUR)).astype(np.int64)
    return np.where(rng.random(rows) < LATE_SHARE, late, quick)
