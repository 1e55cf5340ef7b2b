"""Zendesk: organisations, their domains, users, tickets with field history and comments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from strata.generate import vocabulary as v
from strata.generate.arrow import build, integers, join, pick, timestamps, when
from strata.generate.clock import DAY, HOUR, NEVER, Clock, office_time
from strata.generate.config import GenerateConfig
from strata.generate.identity import AMBIGUOUS, DOMAIN, EXTERNAL, Traces
from strata.generate.latent import Latent, health_at, spell_of
from strata.generate.ledger import Ledger
from strata.generate.people import people
from strata.generate.randomness import BoolArray, FloatArray, IntArray, choose, logistic, stream
from strata.generate.schemas import SCHEMAS, TableKey
from strata.generate.world import PAYING, TRIAL, World

BASE_RATE = 0.26
"""Tickets a month of a small account of practitioners in a neutral state."""
SIZE_FACTOR = (1.0, 1.9, 3.0, 4.6)
SOPHISTICATION_FACTOR = (1.6, 1.0, 0.6)
FIRST_INVOICE_DAYS = 14
FIRST_INVOICE_RATIO = 4.0
"""Ticket rate in the days after the first invoice, as a multiple of the rate in a neutral state."""
STATE_SLOPE = -0.42
"""How the state of an account moves the logarithm of its ticket rate."""
BURST_SHARE, BURST_DAYS, BURST_RATIO = 0.45, 60, 4.0
"""Share of the announced churns with a burst of tickets, its length before the end, its multiple."""
AGENTS = 24
_ORG, _USER, _TICKET, _COMMENT = 360_000_000_000, 370_000_000_000, 10_000, 820_000_000_000


@dataclass(frozen=True)
class Support:
    """The tables, and which accounts have an organisation (id, -1 for none)."""

    tables: dict[TableKey, pa.Table]
    organization: IntArray


@dataclass(frozen=True)
class _Tickets:
    """Tickets, one element each, sorted by creation. Moments are NEVER when they did not come."""

    account: IntArray
    requester: IntArray
    created: IntArray
    answered: IntArray
    waiting: IntArray
    solved: IntArray
    reopened: IntArray
    solved_again: IntArray
    closed: IntArray
    offered: IntArray
    rated: IntArray
    good: BoolArray
    priority: IntArray
    about_invoice: BoolArray
    mood: FloatArray
    deleted: BoolArray


def make_support(
    config: GenerateConfig, clock: Clock, world: World, latent: Latent, traces: Traces, first_invoice: IntArray,
    ledger: Ledger,
) -> Support:  # fmt: skip
    """All Zendesk tables, sound rows only."""
    rng = stream(config.seed, "support")
    member = ((world.kind == PAYING) & (rng.random(world.n) < 0.92)) | (
        (world.kind == TRIAL) & (rng.random(world.n) < 0.3)
    )
    organization = np.where(member, _ORG + np.arange(world.n) * 7 + 13, -1)
    tickets = _tickets(rng, clock, world, latent, first_invoice, member)
    requesters = 1 + np.minimum(8, world.size_class * 2)
    tables: dict[TableKey, pa.Table] = {}
    tables["zendesk", "organization"] = _organizations(rng, clock, world, traces, organization)
    tables["zendesk", "domain_name"] = _domain_names(world, traces, organization)
    tables["zendesk", "user"] = _users(config, clock, world, traces, organization, requesters)
    text = _Texts(rng, tickets)
    tables["zendesk", "ticket"] = _ticket_rows(rng, clock, organization, tickets, text)
    tables["zendesk", "ticket_field_history"] = _field_history(clock, tickets)
    tables["zendesk", "ticket_comment"] = _comments(clock, tickets, text)
    _note_deleted(tables, tickets, ledger)
    ledger.effect("first_invoice_ticket_ratio", FIRST_INVOICE_RATIO, "ratio", "Ticket rate after the first invoice.")
    own, own_text = _ratio_to_own_rate(clock, world, latent, first_invoice, member), "The same against their own rate."
    ledger.effect("first_invoice_ticket_ratio_to_own_rate", own, "ratio", own_text)
    ledger.effect("first_invoice_days", FIRST_INVOICE_DAYS, "days", "Length of the window after the first invoice.")
    ledger.effect("churn_burst_share", BURST_SHARE, "share", "Announced churns with a burst of tickets before.")
    ledger.effect("churn_burst_ratio", BURST_RATIO, "ratio", "Ticket rate in the last 60 days of those.")
    for level, factor in zip(("novice", "practitioner", "expert"), SOPHISTICATION_FACTOR, strict=True):
        ledger.effect(f"ticket_rate_{level}", factor, "ratio", "Ticket rate by sophistication.")
    return Support(tables, organization)


def _note_deleted(tables: dict[TableKey, pa.Table], tickets: _Tickets, ledger: Ledger) -> None:
    """Deleted tickets, and what hangs on them: history and comments go with their ticket."""
    ids = _ticket_ids(len(tickets.created))[tickets.deleted]
    for name, column in (("ticket", "id"), ("ticket_field_history", "ticket_id"), ("ticket_comment", "ticket_id")):
        table = tables["zendesk", name]
        gone = np.isin(table.column(column).to_numpy(), ids)
        ledger.note_where(("zendesk", name), table, gone, "deleted_in_source")


def _tickets(
    rng: np.random.Generator, clock: Clock, world: World, latent: Latent, first_invoice: IntArray, member: BoolArray
) -> _Tickets:
    """When each ticket came and what became of it."""
    account, created, about_invoice = _arrivals(rng, clock, world, latent, first_invoice, member)
    rows = len(account)
    mood = health_at(latent, clock, account, created) + 0.5 * rng.standard_normal(rows)
    priority = choose(rng, [0.2, 0.5, 0.22, 0.08], rows)
    answered = created + (HOUR * (0.3 + rng.gamma(1.4, np.array([9.0, 6.0, 3.0, 1.2])[priority]))).astype(np.int64)
    effort = rng.lognormal(np.array([3.2, 3.0, 2.7, 2.3])[priority] - 0.15 * mood, 0.9)
    solved = answered + (HOUR * effort).astype(np.int64)
    waiting = np.where(rng.random(rows) < 0.35, answered + ((solved - answered) * 0.4).astype(np.int64), NEVER)
    again = rng.random(rows) < logistic(-2.9 - 0.5 * mood)
    reopened = np.where(again, solved + (DAY * (0.2 + 2 * rng.random(rows))).astype(np.int64), NEVER)
    solved_again = np.where(again, reopened + (HOUR * (2 + rng.gamma(1.5, 20.0, rows))).astype(np.int64), NEVER)
    final = np.where(again, solved_again, solved)
    offered = np.where(rng.random(rows) < 0.65, final + DAY, NEVER)
    rates = (offered < NEVER) & (rng.random(rows) < 0.42)
    rated = np.where(rates, offered + (DAY * 3 * rng.random(rows)).astype(np.int64), NEVER)
    return _Tickets(
        account=account,
        requester=(rng.random(rows) ** 1.5 * (1 + np.minimum(8, world.size_class * 2))[account]).astype(np.int64),
        created=created,
        answered=answered,
        waiting=waiting,
        solved=solved,
        reopened=reopened,
        solved_again=solved_again,
        closed=final + 4 * DAY,
        offered=offered,
        rated=rated,
        good=rng.random(rows) < logistic(1.5 + 1.3 * mood),
        priority=priority,
        about_invoice=about_invoice,
        mood=mood,
        deleted=rng.random(rows) < 0.01,
    )


def _neutral_rate(world: World, member: BoolArray) -> FloatArray:
    """Tickets a month of each account in a neutral state; 0 for those without an organisation."""
    rate = BASE_RATE * np.array(SIZE_FACTOR)[world.size_class] * np.array(SOPHISTICATION_FACTOR)[world.sophistication]
    return np.where(member, rate, 0.0)


def _ratio_to_own_rate(
    clock: Clock, world: World, latent: Latent, first_invoice: IntArray, member: BoolArray
) -> float:  # fmt: skip
    """What the effect of the first invoice is against the rate that these accounts would have had in those days: more
    tickets come than a neutral state would ask, whatever the state; half of all states ask more than the neutral one.
    """
    who = np.flatnonzero((first_invoice < clock.as_of_end) & member).astype(np.int64)
    neutral = _neutral_rate(world, member)[who]
    middle = np.minimum(first_invoice[who] + FIRST_INVOICE_DAYS * DAY // 2, clock.as_of_end - 1)
    own = neutral * np.exp(STATE_SLOPE * health_at(latent, clock, who, middle))
    return round(float(1 + (FIRST_INVOICE_RATIO - 1) * neutral.sum() / own.sum()), 4)


def _arrivals(
    rng: np.random.Generator, clock: Clock, world: World, latent: Latent, first_invoice: IntArray, member: BoolArray
) -> tuple[IntArray, IntArray, BoolArray]:
    """(account, moment, because of the first invoice): base rate by month, more after the first invoice and before
    some churns.
    """
    rate = _neutral_rate(world, member)
    paying = latent.spell >= 0
    paying[:, :-1] |= latent.spell[:, 1:] >= 0
    grid = rate[:, None] * np.exp(STATE_SLOPE * latent.health.astype(np.float64)) * paying
    who, month = np.nonzero(grid > 0)
    counts = rng.poisson(grid[who, month])
    account = np.repeat(who, counts).astype(np.int64)
    begin = np.repeat(clock.edges[month], counts)
    at = office_time(rng, begin + (rng.random(len(account)) * 30.4 * DAY).astype(np.int64))
    invoiced = np.flatnonzero((first_invoice < NEVER) & member).astype(np.int64)
    window = FIRST_INVOICE_DAYS / 30.4 * (FIRST_INVOICE_RATIO - 1)
    extra = np.repeat(invoiced, rng.poisson(rate[invoiced] * window))
    extra_at = first_invoice[extra] + (rng.random(len(extra)) * FIRST_INVOICE_DAYS * DAY).astype(np.int64)
    spells = latent.spells
    ends = np.flatnonzero((spells.end < NEVER) & ~spells.silent & (rng.random(len(spells.end)) < BURST_SHARE))
    more = rate[spells.account[ends]] * 1.6 * BURST_DAYS / 30.4 * (BURST_RATIO - 1)
    burst_row = np.repeat(ends, rng.poisson(more))
    burst_at = spells.end[burst_row] - (rng.random(len(burst_row)) * BURST_DAYS * DAY).astype(np.int64)
    burst_at = np.maximum(burst_at, spells.start[burst_row] + DAY)
    account = np.concatenate([account, extra, spells.account[burst_row]])
    at = np.concatenate([at, extra_at, burst_at])
    about = np.arange(len(at)) - len(begin)
    because = (about >= 0) & (about < len(extra)) & (rng.random(len(at)) < 0.7)
    row = spell_of(spells, account, at)
    inside = (row >= 0) & (at < spells.end[np.maximum(row, 0)] + 5 * DAY) & (at < clock.as_of_end)
    order = np.argsort(at[inside], kind="stable")
    return account[inside][order], at[inside][order], because[inside][order]


def _organizations(
    rng: np.random.Generator, clock: Clock, world: World, traces: Traces, organization: IntArray
) -> pa.Table:
    """One for each account in support."""
    who = np.flatnonzero(organization >= 0).astype(np.int64)
    created = world.in_product_from[who] - (rng.random(len(who)) * DAY).astype(np.int64)
    return build(
        SCHEMAS["zendesk", "organization"],
        {
            "id": organization[who],
            "name": pick(traces.name, who),
            "external_id": pick(traces.reference, who),
            "details": None,
            "created_at": timestamps(created),
            "updated_at": timestamps(created + DAY),
            "_fivetran_synced": timestamps(created + DAY + HOUR),
        },
    )


def _domain_names(world: World, traces: Traces, organization: IntArray) -> pa.Table:
    """The domains by which support recognises an organisation; a few have a second one."""
    has = np.isin(traces.match, (EXTERNAL, DOMAIN, AMBIGUOUS)) & (organization >= 0)
    who = np.flatnonzero(has).astype(np.int64)
    second = who[(who % 17 == 3) & (traces.match[who] == EXTERNAL)]
    rows = np.concatenate([who, second])
    index = (np.arange(len(rows)) >= len(who)).astype(np.int64)
    names = pick(traces.domain, rows)
    order = np.lexsort((index, rows))
    table = build(
        SCHEMAS["zendesk", "domain_name"],
        {
            "organization_id": organization[rows],
            "index": index,
            "domain_name": when(index == 1, join("mail.", names), names),
            "_fivetran_synced": timestamps(world.in_product_from[rows] + DAY),
        },
    )
    return table.take(pa.array(order))


def _users(
    config: GenerateConfig, clock: Clock, world: World, traces: Traces, organization: IntArray, requesters: IntArray
) -> pa.Table:
    """Requesters (the first people of each account) and our agents."""
    member = np.flatnonzero(organization >= 0).astype(np.int64)
    account = np.repeat(member, requesters[member])
    number = np.arange(len(account), dtype=np.int64) - np.repeat(
        np.cumsum(requesters[member]) - requesters[member], requesters[member]
    )
    who = people(config, account, number)
    agent_number = np.arange(AGENTS, dtype=np.int64)
    agent = people(config, np.full(AGENTS, -23, dtype=np.int64), agent_number)
    created = np.concatenate([world.in_product_from[account] + HOUR, np.full(AGENTS, clock.start - 90 * DAY)])
    return build(
        SCHEMAS["zendesk", "user"],
        {
            "id": np.concatenate([requester_ids(account, number), agent_ids(agent_number)]),
            "organization_id": integers(
                np.concatenate([organization[account], np.zeros(AGENTS, dtype=np.int64)]),
                null=np.arange(len(created)) >= len(account),
            ),
            "email": pa.concat_arrays(
                [
                    who.email(pick(traces.domain, account)),
                    agent.email(pa.repeat(pa.scalar("strata-works.example"), AGENTS)),
                ]
            ),
            "name": pa.concat_arrays([who.name, agent.name]),
            "role": pick(("end-user", "agent"), (np.arange(len(created)) >= len(account)).astype(np.int64)),
            "active": True,
            "created_at": timestamps(created),
            "updated_at": timestamps(created),
            "_fivetran_synced": timestamps(created + HOUR),
        },
    )


def requester_ids(account: IntArray, number: IntArray) -> IntArray:
    """Zendesk ids of people of accounts (at most ten an account)."""
    return _USER + 1_000 + account * 10 + number


def agent_ids(number: IntArray) -> IntArray:
    """Zendesk ids of our agents."""
    return _USER + number


def _mood_class(mood: FloatArray) -> IntArray:
    """0 negative, 1 neutral, 2 positive."""
    return np.asarray((mood > -0.6).astype(np.int64) + (mood > 0.7), dtype=np.int64)


class _Texts:
    """Subject, first message and last reply of each ticket, in the tone of its mood."""

    def __init__(self, rng: np.random.Generator, tickets: _Tickets) -> None:
        rows = len(tickets.created)
        tone = _mood_class(tickets.mood)
        features = len(v.FEATURES)
        topic = rng.integers(0, features, rows)
        subjects = [s.format(f=f) for s in v.TICKET_SUBJECTS for f in v.FEATURES]
        kind = rng.integers(0, len(v.TICKET_SUBJECTS), rows)
        invoice_subject = pick(v.INVOICE_SUBJECTS, rng.integers(0, len(v.INVOICE_SUBJECTS), rows))
        self.subject = when(tickets.about_invoice, invoice_subject, pick(subjects, kind * features + topic))
        groups = (v.TICKET_NEGATIVE, v.TICKET_NEUTRAL, v.TICKET_POSITIVE)
        bodies = [b.format(f=f) for group in groups for b in group for f in v.FEATURES]
        body = (tone * 3 + rng.integers(0, 3, rows)) * features + topic
        invoice_body = pick(v.INVOICE_BODIES, rng.integers(0, len(v.INVOICE_BODIES), rows))
        self.body = when(tickets.about_invoice, invoice_body, pick(bodies, body))
        self.agent = pick(v.AGENT_REPLIES, rng.integers(0, len(v.AGENT_REPLIES), rows))
        happy = tickets.mood + 0.5 * rng.standard_normal(rows) > -0.2
        replies = v.REPLY_NEGATIVE + v.REPLY_POSITIVE
        self.reply = pick(replies, happy * 2 + rng.integers(0, 2, rows))
        self.has_reply = rng.random(rows) < 0.5
        self.channel = pick(("email", "web", "chat"), choose(rng, [0.6, 0.3, 0.1], rows))


def _ticket_ids(rows: int) -> IntArray:
    """Ids in the order of creation."""
    return _TICKET + np.arange(rows, dtype=np.int64)


_PRIORITIES = ("low", "normal", "high", "urgent")


def _ticket_rows(rng: np.random.Generator, clock: Clock, organization: IntArray, t: _Tickets, text: _Texts) -> pa.Table:
    """Tickets as they stand on as_of."""
    rows = len(t.created)
    now = clock.as_of_end
    steps = ((t.answered, 1), (t.waiting, 2), (t.solved, 3), (t.reopened, 1), (t.solved_again, 3), (t.closed, 4))
    status = np.zeros(rows, dtype=np.int64)
    updated = t.created.copy()
    for moment, state in steps:
        status = np.where(moment < now, state, status)
        updated = np.where(moment < now, moment, updated)
    # A deleted ticket is marked by the connector, or by the status "deleted".
    soft = rng.random(rows) < 0.5
    status = np.where(t.deleted & ~soft, 5, status)
    return build(
        SCHEMAS["zendesk", "ticket"],
        {
            "id": _ticket_ids(rows),
            "organization_id": integers(organization[t.account], null=rng.random(rows) < 0.06),
            "requester_id": requester_ids(t.account, t.requester),
            "assignee_id": integers(agent_ids(np.arange(rows) % AGENTS), null=t.answered >= now),
            "priority": pick(_PRIORITIES, t.priority, null=rng.random(rows) < 0.08),
            "status": pick(("new", "open", "pending", "solved", "closed", "deleted"), status),
            "type": pick(("question", "problem", "incident", "task"), rng.integers(0, 4, rows)),
            "subject": text.subject,
            "description": text.body,
            "via_channel": text.channel,
            "created_at": timestamps(t.created),
            "updated_at": timestamps(updated),
            "_fivetran_deleted": t.deleted & soft,
            "_fivetran_synced": timestamps(np.minimum(updated, now) + HOUR),
        },
    )  # fmt: skip


def _field_history(clock: Clock, t: _Tickets) -> pa.Table:
    """status, priority and satisfaction_score, each change a row."""
    rows = len(t.created)
    ids, agent = _ticket_ids(rows), agent_ids(np.arange(rows) % AGENTS)
    person = requester_ids(t.account, t.requester)
    never_pending = np.where(t.waiting < t.solved, t.waiting, NEVER)
    entries: list[tuple[str, npt.NDArray[np.int64], pa.Array, IntArray]] = [
        ("status", t.created, _constant("new", rows), person),
        ("priority", t.created, pick(_PRIORITIES, t.priority), person),
        ("status", t.answered, _constant("open", rows), agent),
        ("status", never_pending, _constant("pending", rows), agent),
        ("status", t.solved, _constant("solved", rows), agent),
        ("status", t.reopened, _constant("open", rows), person),
        ("status", t.solved_again, _constant("solved", rows), agent),
        ("status", t.closed, _constant("closed", rows), agent),
        ("satisfaction_score", t.offered, _constant("offered", rows), agent),
        ("satisfaction_score", t.rated, pick(("bad", "good"), t.good.astype(np.int64)), person),
    ]
    masks = [moment < clock.as_of_end for _, moment, _, _ in entries]
    ticket = np.concatenate([ids[m] for m in masks])
    at = np.concatenate([moment[m] for (_, moment, _, _), m in zip(entries, masks, strict=True)])
    value = pa.concat_arrays([c.filter(pa.array(m)) for (_, _, c, _), m in zip(entries, masks, strict=True)])
    user = np.concatenate([u[m] for (_, _, _, u), m in zip(entries, masks, strict=True)])
    name = pa.concat_arrays([_constant(e[0], int(m.sum())) for e, m in zip(entries, masks, strict=True)])
    order = pa.array(np.lexsort((at, ticket)))
    table = build(
        SCHEMAS["zendesk", "ticket_field_history"],
        {
            "ticket_id": ticket,
            "field_name": name,
            "updated": timestamps(at),
            "value": value,
            "user_id": user,
            "_fivetran_synced": timestamps(at + HOUR),
        },
    )
    return table.take(order)


def _constant(text: str, rows: int) -> pa.Array:
    """The same text in every row."""
    return pa.repeat(pa.scalar(text), rows)


def _comments(clock: Clock, t: _Tickets, text: _Texts) -> pa.Table:
    """The first message, our answer, and for half of the tickets a last word of the customer."""
    rows = len(t.created)
    ids = _ticket_ids(rows)
    person, agent = requester_ids(t.account, t.requester), agent_ids(np.arange(rows) % AGENTS)
    last = np.where(text.has_reply, t.solved - 30 * 60 * 1_000_000, NEVER)
    entries = ((t.created, person, text.body, 0), (t.answered, agent, text.agent, 1), (last, person, text.reply, 2))
    masks = [moment < clock.as_of_end for moment, _, _, _ in entries]
    ticket = np.concatenate([ids[m] for m in masks])
    at = np.concatenate([e[0][m] for e, m in zip(entries, masks, strict=True)])
    number = np.concatenate([np.full(int(m.sum()), e[3]) for e, m in zip(entries, masks, strict=True)])
    table = build(
        SCHEMAS["zendesk", "ticket_comment"],
        {
            "id": _COMMENT + ticket * 4 + number,
            "ticket_id": ticket,
            "user_id": np.concatenate([e[1][m] for e, m in zip(entries, masks, strict=True)]),
            "body": pa.concat_arrays([e[2].filter(pa.array(m)) for e, m in zip(entries, masks, strict=True)]),
            "created": timestamps(at),
            "public": True,
            "_fivetran_synced": timestamps(at + HOUR),
        },
    )
    return table.take(pa.array(np.lexsort((number, ticket))))
