"""Salesforce: users, accounts with their history, contacts, opportunities, tasks and events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from strata.generate import vocabulary as v
from strata.generate.arrow import as_text, build, integers, join, pick, texts, timestamps, when
from strata.generate.clock import DAY, HOUR, MINUTE, NEVER, OPEN_END, Clock, add_months, office_time
from strata.generate.config import GenerateConfig
from strata.generate.latent import Latent, Spells, spell_of
from strata.generate.ledger import Ledger
from strata.generate.people import people
from strata.generate.randomness import BoolArray, FloatArray, IntArray, choose, hex_ids, logistic, stream
from strata.generate.schemas import SCHEMAS, TableKey
from strata.generate.world import MERGED, PAYING, PROSPECT, TRIAL, World, country_names

ACTIVITY_RATE = (0.35, 1.1, 2.6, 4.5)
"""Contacts by our side a month, by size class, while the account pays."""
STARVED_FACTOR = 0.15
BOUNCED_CHAMPIONS, BOUNCED_OTHERS = 0.15, 0.03
"""Share of the contacts whose mail bounced since they were known: champions, and other people."""
EXECUTIVE, DECISION, CHAMPION, USER = range(4)
TITLE_LISTS = (v.EXECUTIVE_TITLES, v.DECISION_TITLES, v.CHAMPION_TITLES, v.USER_TITLES)


@dataclass(frozen=True)
class Contacts:
    """Contact persons, one element each, sorted by account. first: row of the first contact of each account."""

    account: IntArray
    number: IntArray
    created: IntArray
    ids: pa.Array
    first: IntArray
    count: IntArray


@dataclass(frozen=True)
class Crm:
    """The tables and what other systems need to know of them. gone: when an account was deleted or merged, NEVER for
    none.
    """

    tables: dict[TableKey, pa.Table]
    contacts: Contacts
    gone: IntArray


def make_crm(config: GenerateConfig, clock: Clock, world: World, latent: Latent, ledger: Ledger) -> Crm:
    """All Salesforce tables, sound rows only, and deleted ones noted in the ledger."""
    gone = _gone(config, clock, world, latent.spells)
    staff = max(8, config.accounts // 40)
    owners = _Owners(stream(config.seed, "crm.owners").integers(0, staff, world.n), staff)
    tables: dict[TableKey, pa.Table] = {("salesforce", "user"): _users(config, clock, staff)}
    history, current = _accounts(config, clock, world, owners, gone)
    tables["salesforce", "account_history"] = history
    tables["salesforce", "account"] = current
    contacts, tables["salesforce", "contact"] = _contacts(config, clock, world, latent, ledger)
    fee = _monthly_usd(latent)
    opportunities, renewal = _opportunities(config, clock, world, latent, owners, fee, ledger)
    tables["salesforce", "opportunity"] = opportunities
    task, event = _activities(config, clock, world, latent, contacts, owners, renewal, ledger)
    tables["salesforce", "task"] = task
    tables["salesforce", "event"] = event
    return Crm(tables, contacts, gone)


@dataclass(frozen=True)
class _Owners:
    """First owner of each account and the number of users to choose from."""

    first: IntArray
    staff: int


def _gone(config: GenerateConfig, clock: Clock, world: World, spells: Spells) -> IntArray:
    """Merged duplicates, 5 % of the prospects, and 3 % of the churned accounts some months after they left."""
    rng = stream(config.seed, "crm.gone")
    n = world.n
    gone = world.absorbed.copy()
    lost = (world.kind == PROSPECT) & (rng.random(n) < 0.05)
    if not lost.any():
        lost[rng.choice(np.flatnonzero(world.kind == PROSPECT))] = True
    begin = np.maximum(world.created + 60 * DAY, clock.history_start)
    moment = begin + (rng.random(n) * np.maximum(DAY, clock.as_of_end - begin)).astype(np.int64)
    gone = np.where(lost & (moment < clock.as_of_end), moment, gone)
    last_end = np.zeros(n, dtype=np.int64)
    np.maximum.at(last_end, spells.account, spells.end)
    after = last_end + (60 + rng.random(n) * 120).astype(np.int64) * DAY
    is_parent = np.isin(np.arange(n), world.parent[world.parent >= 0])
    churned = (last_end > 0) & (last_end < NEVER) & (after < clock.as_of_end) & (rng.random(n) < 0.03) & ~is_parent
    # An account that others were merged into stays.
    churned &= ~np.isin(np.arange(n), world.merged_into[world.merged_into >= 0])
    return np.where(churned, after, gone)


def user_ids(index: IntArray) -> pa.Array:
    """Ids of our own people."""
    return join("005S4", as_text(100_000_000 + index * 37), "0QAW")


def _users(config: GenerateConfig, clock: Clock, staff: int) -> pa.Table:
    """Account managers and customer-success managers."""
    index = np.arange(staff, dtype=np.int64)
    who = people(config, np.full(staff, -17, dtype=np.int64), index)
    roles = index % 4 % 3
    return build(
        SCHEMAS["salesforce", "user"],
        {
            "id": user_ids(index),
            "name": who.name,
            "email": who.email(pa.repeat(pa.scalar("strata-works.example"), staff)),
            "title": pick(("Customer Success Manager", "Account Executive", "Senior CSM"), roles),
            "is_active": index % 19 != 18,
            "user_role_id": pick(("00E-CSM", "00E-AE", "00E-SRCSM"), roles),
            "_fivetran_deleted": False,
            "_fivetran_synced": timestamps(np.full(staff, clock.as_of_end + 2 * HOUR)),
        },
    )  # fmt: skip


def _accounts(
    config: GenerateConfig, clock: Clock, world: World, owners: _Owners, gone: IntArray
) -> tuple[pa.Table, pa.Table]:
    """History: one version from the creation and one more at each change. Current: the last version."""
    rng = stream(config.seed, "crm.accounts")
    n = world.n
    who, when_, what = _changes(rng, clock, world, gone)
    order = np.lexsort((what, when_, who))
    who, when_, what = who[order], when_[order], what[order]
    rows = len(who)
    owner = np.where(what == _OWNER, rng.integers(0, owners.staff, rows), owners.first[who])
    growth = np.where(what == _EMPLOYEES, np.exp(0.06 + 0.22 * rng.standard_normal(rows)), 1.0)
    industry_new = rng.integers(0, len(v.INDUSTRIES), rows)
    first = np.searchsorted(who, np.arange(n))
    is_first = np.zeros(rows, dtype=np.bool_)
    is_first[first] = True
    owner = owner[_last_set(is_first | (what == _OWNER))]
    industry = np.where(is_first, world.industry[who], industry_new)[_last_set(is_first | (what == _INDUSTRY))]
    log_growth = np.cumsum(np.log(growth))
    employees = np.maximum(1, world.employees[who] * np.exp(log_growth - log_growth[first][who])).astype(np.int64)
    deleted = when_ >= gone[who]
    end = np.where(np.append(who[1:] == who[:-1], False), np.append(when_[1:], OPEN_END), OPEN_END)
    active = end == OPEN_END
    columns = {
        "id": pick(world.sf_id, who),
        "name": pick(world.name, who),
        "type": pick(("Prospect", "Customer"), ((world.kind[who] == PAYING) & (when_ >= world.first_paid[who])) * 1),
        "industry": pick(v.INDUSTRIES, industry, null=world.kind[who] == MERGED),
        "billing_country": country_names(world).take(pa.array(who)),
        "number_of_employees": integers(employees, null=(who % 29 == 7) & (world.kind[who] != PAYING)),
        "annual_revenue": (employees * 145_000).astype(np.float64),
        "website": _websites(world, who),
        "account_number": pick(world.number, who),
        "parent_id": pick(world.sf_id, np.maximum(world.parent[who], 0), null=world.parent[who] < 0),
        "owner_id": user_ids(owner),
        "master_record_id": pick(
            world.sf_id, np.maximum(world.merged_into[who], 0), null=~deleted | (world.merged_into[who] < 0)
        ),
        "created_date": timestamps(world.created[who]),
        "is_deleted": deleted,
        "_fivetran_active": active,
        "_fivetran_synced": timestamps(when_ + (rng.random(rows) * 4 * HOUR).astype(np.int64)),
    }
    history = build(
        SCHEMAS["salesforce", "account_history"],
        {**columns, "_fivetran_start": timestamps(when_), "_fivetran_end": timestamps(end)},
    )
    last = history.take(pa.array(np.flatnonzero(active)))
    current = last.select(SCHEMAS["salesforce", "account"].names)
    return history, current


_CREATED, _OWNER, _EMPLOYEES, _INDUSTRY, _SOLD, _GONE = range(6)


def _changes(
    rng: np.random.Generator, clock: Clock, world: World, gone: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """(account, moment, kind) of the first version and of every change, one change a moment."""
    every = np.arange(world.n, dtype=np.int64)
    parts = [(every, world.created, np.full(world.n, _CREATED))]
    years = np.maximum(0.0, (np.minimum(gone, clock.as_of_end) - world.created) / (365 * DAY))
    for kind, rate in ((_OWNER, 0.30), (_EMPLOYEES, 0.55), (_INDUSTRY, 0.03)):
        who = np.repeat(every, rng.poisson(rate * years)).astype(np.int64)
        end = np.minimum(gone, clock.as_of_end)[who]
        moment = world.created[who] + HOUR + (rng.random(len(who)) * (end - world.created[who] - HOUR)).astype(np.int64)
        parts.append((who, moment // MINUTE * MINUTE + kind, np.full(len(who), kind)))
    sold = np.flatnonzero((world.kind == PAYING) & (world.first_paid < np.minimum(gone, clock.as_of_end))).astype(
        np.int64
    )
    parts.append((sold, world.first_paid[sold], np.full(len(sold), _SOLD)))
    going = np.flatnonzero(gone < clock.as_of_end).astype(np.int64)
    parts.append((going, gone[going], np.full(len(going), _GONE)))
    who, moment, kinds = (np.concatenate(column) for column in zip(*parts, strict=True))
    # Two changes in one microsecond would be two versions with one key: the first is kept.
    _, keep = np.unique(np.stack([who, moment]), axis=1, return_index=True)
    keep = np.sort(keep)
    return who[keep], moment[keep], kinds[keep]


def _last_set(is_set: BoolArray) -> IntArray:
    """For each row, the nearest row at or before it that is set."""
    return np.maximum.accumulate(np.where(is_set, np.arange(len(is_set)), 0))


def _websites(world: World, who: IntArray) -> pa.Array:
    """The domain as people type it; some prospects have none."""
    domains = texts(world.domain)
    style = np.arange(world.n) % 4
    written = when(style == 0, join("https://www.", domains), when(style == 1, join("http://", domains, "/"), domains))
    written = when(style == 3, join("www.", domains), written)
    written = when((world.kind == PROSPECT) & (np.arange(world.n) % 7 == 0), None, written)
    return written.take(pa.array(who))


def _contacts(
    config: GenerateConfig, clock: Clock, world: World, latent: Latent, ledger: Ledger
) -> tuple[Contacts, pa.Table]:
    """One to nine a company. Some champions leave: the record is then deleted, and the state of the account suffers
    anyway.
    """
    rng = stream(config.seed, "crm.contacts")
    n = world.n
    count = 1 + rng.poisson(np.array([0.8, 1.6, 2.8, 4.2])[world.size_class])
    count = np.minimum(count, 9)
    account = np.repeat(np.arange(n, dtype=np.int64), count)
    first = np.concatenate([[0], np.cumsum(count)[:-1]]).astype(np.int64)
    number = np.arange(len(account), dtype=np.int64) - first[account]
    lag = np.where(number == 0, HOUR, (rng.random(len(account)) ** 2 * 500).astype(np.int64) * DAY + 2 * HOUR)
    created = world.created[account] + lag
    created = np.where(created >= clock.as_of_end, world.created[account] + HOUR, created)
    role = np.where(
        number == 0,
        choose(rng, [0.15, 0.35, 0.50, 0.0], len(account)),
        choose(rng, [0.14, 0.20, 0.22, 0.44], len(account)),
    )
    title_row = rng.integers(0, 5, len(account))
    titles = pick(
        [t for group in TITLE_LISTS for t in group], role * 5 + title_row, null=rng.random(len(account)) < 0.04
    )
    low = latent.health.min(axis=1)[account] < -1.5
    leaves = (role == CHAMPION) & low & (rng.random(len(account)) < 0.12)
    deleted = (rng.random(len(account)) < 0.012) | leaves
    deleted &= number > 0
    domain = pick(world.domain, account)
    who = people(config, account, number)
    modified = np.minimum(
        created + (rng.random(len(account)) ** 3 * 300).astype(np.int64) * DAY, clock.as_of_end - HOUR
    )
    bounced = _bounced(config, clock, created, role, ledger)
    ids = join("003S4", hex_ids("", np.arange(len(account))))
    table = build(
        SCHEMAS["salesforce", "contact"],
        {
            "id": ids,
            "account_id": pick(world.sf_id, account),
            "first_name": who.first,
            "last_name": who.last,
            "name": who.name,
            "email": when(rng.random(len(account)) < 0.05, None, who.email(domain)),
            "title": titles,
            "department": pick(v.DEPARTMENTS, role),
            "created_date": timestamps(created),
            "last_modified_date": timestamps(np.maximum(modified, created)),
            "email_bounced_date": timestamps(bounced),
            "is_deleted": deleted,
            "_fivetran_synced": timestamps(np.maximum(modified, created) + 3 * HOUR),
        },
    )
    ledger.note_where(("salesforce", "contact"), table, deleted, "deleted_in_source")
    return Contacts(account, number, created, ids, first, count.astype(np.int64)), table


def _bounced(config: GenerateConfig, clock: Clock, created: IntArray, role: IntArray, ledger: Ledger) -> IntArray:
    """When mail to a contact first bounced, NEVER for most; whatever the state of the account."""
    rng = stream(config.seed, "crm.bounced")
    n = len(created)
    bounces = rng.random(n) < np.where(role == CHAMPION, BOUNCED_CHAMPIONS, BOUNCED_OTHERS)
    moment = created + HOUR + (rng.random(n) * np.maximum(0, clock.as_of_end - created - 2 * HOUR)).astype(np.int64)
    text = "Champions whose mail bounced at some time; unrelated to the state of the account."
    ledger.effect("bounced_champion_share", BOUNCED_CHAMPIONS, "share", text)
    return np.where(bounces, moment, NEVER)


def _monthly_usd(latent: Latent) -> FloatArray:
    """Rough fee a month in USD of each account in each simulated month: seats times list price; sizes opportunities
    only.
    """
    price = np.array([p.usd_cents / 100 for p in v.PRODUCTS])
    return np.asarray(latent.seats * price[np.maximum(latent.plan, 0)] * (latent.spell >= 0), dtype=np.float64)


@dataclass(frozen=True)
class _Deals:
    """Opportunities, one element each. kind: row of DEAL_TYPES; amount: USD a year; close: expected or actual."""

    account: IntArray
    kind: IntArray
    amount: FloatArray
    created: IntArray
    close: IntArray
    won: BoolArray

    def take(self, rows: IntArray | BoolArray) -> _Deals:
        """Some of them, or all in another order."""
        return _Deals(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def _all_deals(batches: list[_Deals]) -> _Deals:
    """The batches one after the other."""
    return _Deals(*(np.concatenate([getattr(b, name) for b in batches]) for name in _Deals.__dataclass_fields__))


def _deals(
    account: IntArray, kind: int, amount: FloatArray, created: IntArray, close: IntArray, won: BoolArray
) -> _Deals:
    """One batch of one kind."""
    return _Deals(account, np.full(len(account), kind, dtype=np.int64), amount, created, close, won)


NEW_BUSINESS, RENEWAL, EXPANSION = range(3)
DEAL_TYPES = ("New Business", "Renewal", "Expansion")


def _opportunities(
    config: GenerateConfig, clock: Clock, world: World, latent: Latent, owners: _Owners, fee: FloatArray, ledger: Ledger
) -> tuple[pa.Table, IntArray]:
    """New business, renewals of yearly contracts (open before they fall due) and larger expansions, as they stand on
    as_of.
    """
    rng = stream(config.seed, "crm.opportunities")
    batches = _new_business(rng, clock, world, latent)
    batches += _renewals(rng, clock, latent, fee)
    batches += [_expansions(rng, clock, latent, fee)]
    deals = _all_deals(batches)
    deals = deals.take(deals.created < clock.as_of_end)
    deals = deals.take(np.lexsort((deals.created, deals.account)))
    account, kind, created, close = deals.account, deals.kind, deals.created, deals.close
    closed = close < clock.as_of_end
    won = deals.won & closed
    rows = len(account)
    progress = np.where(closed, np.where(won, 4, 5), np.minimum(3, ((clock.as_of_end - created) // (20 * DAY))))
    touched = np.where(closed, close, np.minimum(created + 20 * DAY, clock.as_of_end))
    deleted = rng.random(rows) < 0.008
    ids = join("006S4", hex_ids("", np.arange(rows)))
    table = build(
        SCHEMAS["salesforce", "opportunity"],
        {
            "id": ids,
            "account_id": pick(world.sf_id, account, null=rng.random(rows) < 0.01),
            "name": join(pick(world.name, account), " - ", pick(DEAL_TYPES, kind)),
            "type": pick(DEAL_TYPES, kind),
            "stage_name": pick(
                ("Qualification", "Needs Analysis", "Proposal", "Negotiation", "Closed Won", "Closed Lost"), progress
            ),
            "amount": np.round(deals.amount, 2),
            "probability": np.array([10.0, 25.0, 50.0, 75.0, 100.0, 0.0])[progress],
            "created_date": timestamps(created),
            "close_date": timestamps(close // DAY * DAY),
            "is_closed": closed,
            "is_won": won,
            "owner_id": user_ids(owners.first[account]),
            "is_deleted": deleted,
            "_fivetran_synced": timestamps(touched + 2 * HOUR),
        },
    )  # fmt: skip
    ledger.note_where(("salesforce", "opportunity"), table, deleted, "deleted_in_source")
    return table, account


def _new_business(rng: np.random.Generator, clock: Clock, world: World, latent: Latent) -> list[_Deals]:
    """Won ones for most buyers, lost or open ones for trials and prospects."""
    sold = (world.kind == PAYING) & (rng.random(world.n) < np.array([0.35, 0.8, 1.0, 1.0])[world.size_class])
    who = np.flatnonzero(sold).astype(np.int64)
    created = world.created[who] + (rng.random(len(who)) * 10 * DAY).astype(np.int64)
    close = world.first_paid[who]
    first = _deals(who, NEW_BUSINESS, world.target_usd[who] * 12, np.minimum(created, close - DAY), close, close > 0)
    back = np.flatnonzero((latent.spells.order > 0) & (latent.spells.start < clock.as_of_end))
    who, close = latent.spells.account[back], latent.spells.start[back]
    created = close - (10 + rng.random(len(who)) * 40).astype(np.int64) * DAY
    found = [first, _deals(who, NEW_BUSINESS, world.target_usd[who] * 9, created, close, close > 0)]
    hopeful = np.flatnonzero((world.kind == PROSPECT) | ((world.kind == TRIAL) & (rng.random(world.n) < 0.4)))
    for chance in (1.0, 0.4):
        who = hopeful[rng.random(len(hopeful)) < chance].astype(np.int64)
        created = world.created[who] + (rng.random(len(who)) * 150 * DAY).astype(np.int64)
        close = created + (25 + rng.gamma(2.0, 45.0, len(who))).astype(np.int64) * DAY
        lost = np.zeros(len(who), dtype=np.bool_)
        found.append(_deals(who, NEW_BUSINESS, world.target_usd[who] * 12, created, close, lost))
    return found


def _renewals(rng: np.random.Generator, clock: Clock, latent: Latent, fee: FloatArray) -> list[_Deals]:
    """One for each yearly renewal, opened 80 to 100 days before it; lost when the spell ends there."""
    spells = latent.spells
    yearly = np.flatnonzero(spells.interval == v.YEARLY)
    found = []
    for year in range(1, clock.months // 12 + 2):
        due = add_months(spells.start[yearly], np.full(len(yearly), 12 * year, dtype=np.int64))
        reached = due <= spells.end[yearly]
        rows, due = yearly[reached], due[reached]
        who = spells.account[rows]
        month = np.maximum(0, clock.month_of(due) - 1)
        created = due - (80 + rng.integers(0, 21, len(rows))) * DAY
        found.append(_deals(who, RENEWAL, fee[who, month] * 12, created, due, spells.end[rows] > due))
    return found


def _expansions(rng: np.random.Generator, clock: Clock, latent: Latent, fee: FloatArray) -> _Deals:
    """One for six in ten jumps of the fee by more than USD 200 a month within a spell."""
    rise = np.diff(fee, axis=1)
    same = (latent.spell[:, 1:] == latent.spell[:, :-1]) & (latent.spell[:, 1:] >= 0)
    who, month = np.nonzero(same & (rise > 200) & (rng.random(rise.shape) < 0.6))
    close = clock.edges[month + 1] + (rng.random(len(who)) * 20 * DAY).astype(np.int64)
    created = close - (15 + rng.random(len(who)) * 40).astype(np.int64) * DAY
    return _deals(who.astype(np.int64), EXPANSION, rise[who, month] * 12, created, close, close > 0)


def _activities(
    config: GenerateConfig, clock: Clock, world: World, latent: Latent, contacts: Contacts, owners: _Owners,
    deal_account: IntArray, ledger: Ledger,
) -> tuple[pa.Table, pa.Table]:  # fmt: skip
    """Tasks (calls, e-mails, to-dos) and events (meetings). Starved accounts hear from us far less from some day on."""
    rng = stream(config.seed, "crm.activities")
    account, at = _touches(rng, clock, world, latent)
    rows = len(account)
    lean = latent.health[account, clock.month_of(at)]
    kind = choose(rng, [0.30, 0.38, 0.08, 0.24], rows)  # call, e-mail, to-do, meeting
    answered = rng.random(rows) < logistic(0.9 + 0.5 * lean.astype(np.float64))
    who = contacts.first[account] + (rng.random(rows) ** 1.6 * contacts.count[account]).astype(np.int64)
    known = contacts.created[who] <= at
    who = np.where(known, who, contacts.first[account])
    touches = _Touch(account, at, kind, answered, who, choose(rng, [0.52, 0.28, 0.17, 0.03], rows))
    first_deal = np.searchsorted(deal_account, account)
    has_deal = (first_deal < len(deal_account)) & (
        deal_account[np.minimum(first_deal, len(deal_account) - 1)] == account
    )
    deal = np.where(has_deal, first_deal, -1)
    meeting = kind == 3
    task = _tasks(rng, clock, world, contacts, owners, touches, deal, ~meeting)
    event = _events(rng, clock, world, contacts, owners, touches, deal, meeting)
    for name, table in (("task", task), ("event", event)):
        deleted = table.column("is_deleted").to_numpy()
        ledger.note_where(("salesforce", name), table, deleted, "deleted_in_source")
    planned = int((touches.at >= clock.as_of_end).sum())
    ledger.effect("planned_activities", planned, "rows", "Tasks and events known by as_of, planned for later.")
    ledger.effect("starved_activity_factor", STARVED_FACTOR, "ratio", "Contacts by our side with starved accounts.")
    return task, event


@dataclass(frozen=True)
class _Touch:
    """Contacts between us and customers. link: 0 account_id, 1 what_id account, 2 what_id opportunity or who_id, 3
    none.
    """

    account: IntArray
    at: IntArray
    kind: IntArray
    answered: BoolArray
    contact: IntArray
    link: IntArray

    def only(self, mask: BoolArray) -> _Touch:
        """The marked ones."""
        return _Touch(*(getattr(self, name)[mask] for name in self.__dataclass_fields__))


def _touches(rng: np.random.Generator, clock: Clock, world: World, latent: Latent) -> tuple[IntArray, IntArray]:
    """(account, moment) of every contact: while paying at the rate of the size, some while selling."""
    rate = np.array(ACTIVITY_RATE)[world.size_class][:, None] * np.ones(clock.months)
    paying = latent.spell >= 0
    paying[:, :-1] |= latent.spell[:, 1:] >= 0
    starved = clock.edges[:-1][None, :] >= world.starved_from[:, None]
    rate = rate * paying * np.where(starved, STARVED_FACTOR, 1.0)
    who, month = np.nonzero(rate > 0)
    counts = rng.poisson(rate[who, month])
    account = np.repeat(who, counts).astype(np.int64)
    start = clock.edges[np.repeat(month, counts)]
    at = office_time(rng, start + (rng.random(len(account)) * 30.4 * DAY).astype(np.int64))
    selling = np.repeat(np.arange(world.n, dtype=np.int64), rng.poisson(2.0 + 1.0 * world.size_class))
    selling = selling[world.kind[selling] != MERGED]
    lead = office_time(
        rng, world.created[selling] + DAY + (rng.random(len(selling)) ** 1.5 * 75 * DAY).astype(np.int64)
    )
    account, at = np.concatenate([account, selling]), np.concatenate([at, lead])
    # Contacts after the end of the last spell stop within a fortnight.
    row = spell_of(latent.spells, account, at)
    stops = np.where(row >= 0, latent.spells.end[np.maximum(row, 0)], NEVER)
    keep = (at < stops + 14 * DAY) & (at < clock.as_of_end + 10 * DAY) & (at >= world.created[account])
    # Beyond as_of only a few planned ones are known.
    keep &= (at < clock.as_of_end) | (rng.random(len(at)) < 0.25)
    account, at = account[keep], at[keep]
    order = np.lexsort((at, account))
    return account[order], at[order]


def _links(world: World, contacts: Contacts, touch: _Touch, deal: IntArray) -> tuple[pa.Array, pa.Array, pa.Array]:
    """account_id, what_id and who_id: the account is often to be found only through one of the other two."""
    own = pick(world.sf_id, touch.account)
    account_id = when(touch.link == 0, own, None)
    deals = join("006S4", hex_ids("", np.maximum(deal, 0)))
    what = when((touch.link == 2) & (deal >= 0) & (touch.at.astype(np.int64) % 2 == 0), deals, None)
    what = when(touch.link == 1, own, what)
    who = when(touch.link != 3, contacts.ids.take(pa.array(touch.contact)), None)
    return account_id, what, who


def _tasks(
    rng: np.random.Generator, clock: Clock, world: World, contacts: Contacts, owners: _Owners, touches: _Touch,
    deals: IntArray, mask: BoolArray,
) -> pa.Table:  # fmt: skip
    """Calls with a disposition, e-mails out and in, to-dos; planned ones are open."""
    touch, deal = touches.only(mask), deals[mask]
    rows = len(touch.at)
    planned = touch.at >= clock.as_of_end
    created = np.minimum(touch.at - (rng.random(rows) * 5 * DAY).astype(np.int64), clock.as_of_end - HOUR)
    created = np.maximum(created, world.created[touch.account])
    account_id, what, who = _links(world, contacts, touch, deal)
    subject = when(
        touch.kind == 1,
        pick(v.EMAIL_SUBJECTS, touch.answered * 2 + rng.integers(0, 2, rows)),
        pick(v.ACTIVITY_SUBJECTS, rng.integers(0, 6, rows)),
    )
    disposition = when(
        touch.answered,
        pick(("Connected", "Meeting scheduled"), rng.integers(0, 2, rows)),
        pick(("No answer", "Left voicemail"), rng.integers(0, 2, rows)),
    )
    done = np.where(planned, NEVER, touch.at)
    return build(
        SCHEMAS["salesforce", "task"],
        {
            "id": join("00TS4", hex_ids("", np.flatnonzero(mask))),
            "account_id": account_id,
            "what_id": what,
            "who_id": who,
            "owner_id": user_ids(owners.first[touch.account]),
            "subject": subject,
            "type": pick(("Call", "Email", "Other"), touch.kind),
            "task_subtype": pick(("Call", "Email", "Task"), touch.kind),
            "status": pick(("Completed", "Not Started"), planned.astype(np.int64)),
            "call_disposition": when((touch.kind == 0) & ~planned, disposition, None),
            "activity_date": timestamps(touch.at // DAY * DAY),
            "completed_date_time": timestamps(done),
            "created_date": timestamps(created),
            "is_closed": ~planned,
            "is_deleted": rng.random(rows) < 0.007,
            "_fivetran_synced": timestamps(np.minimum(touch.at, clock.as_of_end) + 3 * HOUR),
        },
    )


def _events(
    rng: np.random.Generator, clock: Clock, world: World, contacts: Contacts, owners: _Owners, touches: _Touch,
    deals: IntArray, mask: BoolArray,
) -> pa.Table:  # fmt: skip
    """Meetings of 30 to 90 minutes, put in the calendar up to two weeks before."""
    touch, deal = touches.only(mask), deals[mask]
    rows = len(touch.at)
    start = touch.at // (30 * MINUTE) * (30 * MINUTE)
    created = np.minimum(start - (rng.random(rows) * 14 * DAY).astype(np.int64), clock.as_of_end - HOUR)
    created = np.maximum(created, world.created[touch.account])
    account_id, what, who = _links(world, contacts, touch, deal)
    return build(
        SCHEMAS["salesforce", "event"],
        {
            "id": join("00US4", hex_ids("", np.flatnonzero(mask))),
            "account_id": account_id,
            "what_id": what,
            "who_id": who,
            "owner_id": user_ids(owners.first[touch.account]),
            "type": "Meeting",
            "subject": pick(v.MEETING_SUBJECTS, rng.integers(0, len(v.MEETING_SUBJECTS), rows)),
            "start_date_time": timestamps(start),
            "end_date_time": timestamps(start + (1 + rng.integers(0, 3, rows)) * 30 * MINUTE),
            "activity_date_time": timestamps(start),
            "created_date": timestamps(created),
            "is_deleted": rng.random(rows) < 0.007,
            "_fivetran_synced": timestamps(np.minimum(start, clock.as_of_end) + 3 * HOUR),
        },
    )
