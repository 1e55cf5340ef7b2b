"""A company with another future: rows added and changed, all of them dated after a day D.

Every kind of change that a source can report with a date is in it. What carries no date (a contact's title, the e-mail
of a billing customer) is not: no model can know since when that holds.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from law_raw import OPEN_END, Raw, Row, copy_of, latest, redelivered
from strata.generate.schemas import TableKey

EACH = 4
"""How many rows each kind of change takes, where there are as many."""

_MOMENT = dt.timedelta(milliseconds=1)


@dataclass
class Future:
    """Adds to the raw tables what happens after the last moment of day D; `kinds` counts the changes of each kind."""

    raw: Raw
    day: dt.date
    broken: set[tuple[str, str, str]]
    kinds: Counter[str] = field(default_factory=Counter)

    @property
    def end(self) -> dt.datetime:
        """The first moment after day D."""
        return dt.datetime.combine(self.day, dt.time()) + dt.timedelta(days=1)

    def after(self, number: int, hours: float = 0) -> dt.datetime:
        """A moment after D, another one for each number."""
        return self.end + dt.timedelta(days=2 + 3 * (number % 20), hours=5 + hours, minutes=number % 60)

    def add(self, key: TableKey, kind: str, *rows: Row) -> None:
        """Lands rows."""
        self.raw[key].extend(rows)
        self.kinds[kind] += 1

    def sound(self, key: TableKey, fits: Callable[[Row], bool] = lambda row: True) -> list[Row]:
        """The latest row of each id that is not planted as broken and that fits."""
        rows = [row for row in self.raw[key] if row["id"] is not None and (*key, str(row["id"])) not in self.broken]
        return [row for row in latest(rows) if fits(row)]

    def some(self, key: TableKey, fits: Callable[[Row], bool], skip: int = 0) -> Iterator[tuple[int, Row]]:
        """A few of the sound rows that fit, numbered."""
        return enumerate(self.sound(key, fits)[skip : skip + EACH])


def with_another_future(raw: Raw, day: dt.date, truth_rows: list[tuple[str, str, str | None, str]]) -> Future:
    """The raw tables with what is after `day` added to and changed. truth_rows: the planted rows, not to be touched."""
    broken = {
        (system, table, key.split("|")[0])
        for system, table, key, reason in truth_rows
        if key is not None and reason != "duplicate"
    }
    future = Future(copy_of(raw), day, broken)
    _accounts(future)
    _people_and_deals(future)
    _subscriptions(future)
    _bills(future)
    _product(future)
    _tickets(future)
    _surveys(future)
    return future


def _accounts(future: Future) -> None:
    table, history = ("salesforce", "account"), ("salesforce", "account_history")

    def changes(version: Row, at: dt.datetime, **what: object) -> None:
        closed = redelivered(version, at, _fivetran_end=at - _MOMENT, _fivetran_active=False)
        opened = redelivered(version, at, _fivetran_start=at, _fivetran_end=OPEN_END, **what)
        future.raw[history] += [closed, opened]
        current = next(row for row in future.sound(table) if row["id"] == version["id"])
        future.raw[table].append(redelivered(current, at, **what))

    def lives(row: Row) -> bool:
        is_open = row["_fivetran_end"] == OPEN_END and row["created_date"] < future.end
        return is_open and not row["is_deleted"] and row["id"] in present

    present = {row["id"] for row in future.sound(table)}
    living = future.sound(history, lives)
    owners = sorted({row["owner_id"] for row in living})
    groups = [living[start : start + EACH] for start in range(0, 7 * EACH, EACH)]
    for number, version in enumerate(groups[0]):
        new = {"name": f"Renamed {number}", "website": f"renamed-{number}.example", "industry": "Moved On"}
        new |= {"number_of_employees": 77_777, "billing_country": "Elsewhere"}
        changes(version, future.after(number), **new)
        future.kinds["account renamed and moved"] += 1
    for number, version in enumerate(groups[1]):
        changes(version, future.after(number), is_deleted=True)
        future.kinds["account deleted"] += 1
    for number, version in enumerate(groups[2]):
        changes(version, future.after(number), is_deleted=True, master_record_id=groups[3][number]["id"])
        future.kinds["account merged"] += 1
    for number, version in enumerate(groups[4]):
        changes(version, future.after(number), parent_id=groups[3][number]["id"], owner_id=owners[number % len(owners)])
        future.kinds["account given a parent and an owner"] += 1
    for number, version in enumerate(groups[5]):
        changes(version, future.after(number), website=groups[6][number]["website"], name=groups[6][number]["name"])
        future.kinds["account takes another's domain and name"] += 1
    for number, twin in enumerate(living[: 3 * EACH]):
        at = future.after(number)
        new = {"id": f"001NEW{number:09d}AAA", "created_date": at, "_fivetran_synced": at, "parent_id": None}
        account = next(row for row in future.sound(table) if row["id"] == twin["id"])
        future.raw[history].append({**twin, **new, "_fivetran_start": at, "_fivetran_end": OPEN_END})
        future.add(table, "new account with the domain and name of another", {**account, **new, "is_deleted": False})


def _people_and_deals(future: Future) -> None:
    contact, opportunity = ("salesforce", "contact"), ("salesforce", "opportunity")
    task, event = ("salesforce", "task"), ("salesforce", "event")
    for number, row in future.some(contact, lambda row: not row["is_deleted"]):
        at = future.after(number)
        new = {
            "id": f"003NEW{number}",
            "title": "Chief Executive Officer",
            "created_date": at,
            "last_modified_date": at,
        }
        future.add(contact, "new contact", {**row, **new, "_fivetran_synced": at})
    for number, row in future.some(
        contact, lambda row: not row["is_deleted"] and row["created_date"] < future.end, skip=5
    ):
        at = future.after(number)
        future.add(contact, "mail to a contact bounced", redelivered(row, at, email_bounced_date=at))
    for number, row in future.some(opportunity, lambda row: not row["is_deleted"]):
        at = future.after(number)
        new = {"id": f"006NEW{number}", "created_date": at, "close_date": None, "is_closed": False, "is_won": False}
        future.add(opportunity, "new opportunity", {**row, **new, "_fivetran_synced": at})
    for number, row in future.some(
        opportunity, lambda row: not row["is_deleted"] and not row["is_closed"] and row["created_date"] < future.end
    ):
        at = future.after(number)
        won = redelivered(row, at, is_closed=True, is_won=True, stage_name="Closed Won", close_date=at)
        future.add(opportunity, "open opportunity won", won)
    for number, row in future.some(
        opportunity, lambda row: row["is_closed"] and row["created_date"] < future.end < row["close_date"]
    ):
        at = row["close_date"] + dt.timedelta(days=9 + number)
        future.add(opportunity, "close of an opportunity moved", redelivered(row, at, close_date=at))
    for number, row in future.some(task, lambda row: row["completed_date_time"] is not None):
        at = future.after(number)
        new = {"id": f"00TNEW{number}", "activity_date": at, "completed_date_time": at, "created_date": at}
        future.add(task, "new task", {**row, **new, "_fivetran_synced": at})
    for number, row in future.some(
        task, lambda row: row["completed_date_time"] is None and row["created_date"] < future.end
    ):
        at = future.after(number)
        done = redelivered(row, at, completed_date_time=at, is_closed=True, status="Completed", type="Meeting")
        future.add(task, "open task done", done)
    for number, row in future.some(event, lambda row: not row["is_deleted"]):
        at = future.after(number)
        new = {"id": f"00UNEW{number}", "start_date_time": at, "end_date_time": at + dt.timedelta(hours=1)}
        new |= {"activity_date_time": at, "created_date": at, "_fivetran_synced": at}
        future.add(event, "new meeting", {**row, **new})


def _subscriptions(future: Future) -> None:
    customer, history = ("stripe", "customer"), ("stripe", "subscription_history")
    item, discount = ("stripe", "subscription_item"), ("stripe", "subscription_discount")

    def follows(version: Row, at: dt.datetime, **what: object) -> None:
        closed = redelivered(version, at, _fivetran_end=at - _MOMENT, _fivetran_active=False)
        opened = redelivered(version, at, _fivetran_start=at, _fivetran_end=OPEN_END, _fivetran_active=True, **what)
        future.raw[history] += [closed, opened]

    def starts(number: int, template: Row, customer_id: str, **what: object) -> str:
        at = future.after(number)
        subscription_id = f"sub_new_{len(future.raw[history])}"
        new = {"id": subscription_id, "customer_id": customer_id, "start_date": at, "created": at, "status": "active"}
        new |= {"trial_start": None, "trial_end": None, "cancel_at": None, "canceled_at": None, "ended_at": None}
        new |= {"_fivetran_start": at, "_fivetran_end": OPEN_END, "_fivetran_active": True, "_fivetran_synced": at}
        future.raw[history].append({**template, **new, **what})
        line = future.sound(item, lambda row: row["subscription_id"] == template["id"])[0]
        new = {"id": f"si_new_{len(future.raw[item])}", "subscription_id": subscription_id, "created": at}
        new |= {"_fivetran_start": at, "_fivetran_end": OPEN_END, "_fivetran_active": True, "_fivetran_synced": at}
        future.raw[item].append({**line, **new, "quantity": 3})
        return subscription_id

    running = future.sound(history, lambda row: row["status"] == "active" and row["start_date"] < future.end)
    for number, row in enumerate(running[:EACH]):
        at = future.after(number)
        follows(row, at, status="canceled", canceled_at=at - dt.timedelta(days=1), ended_at=at)
        future.kinds["running subscription ended"] += 1
    for number, row in future.some(history, lambda row: row["ended_at"] is not None and row["ended_at"] > future.end):
        at = row["ended_at"] + dt.timedelta(days=20 + number)
        asked = row["canceled_at"]
        if asked is not None and asked >= future.end:
            asked += dt.timedelta(days=3)
        future.add(history, "end of a subscription moved", redelivered(row, at, ended_at=at, canceled_at=asked))
    for _, row in future.some(history, lambda row: row["trial_end"] is not None and row["trial_end"] > future.end):
        at = row["trial_end"] + dt.timedelta(days=6)
        future.add(history, "trial made longer", redelivered(row, at, trial_end=at))
    for number, row in enumerate(running[EACH : 2 * EACH]):
        starts(number, row, row["customer_id"])
        future.kinds["second subscription"] += 1
    for number, row in enumerate(running[2 * EACH : 3 * EACH]):
        at, customer_id = future.after(number), f"cus_new_{number}"
        payer = next(who for who in future.sound(customer) if who["id"] == row["customer_id"])
        future.add(customer, "new customer", {**payer, "id": customer_id, "created": at, "_fivetran_synced": at})
        starts(number, row, customer_id)
    for number, row in enumerate(running[4 * EACH : 5 * EACH]):
        at = future.after(number)
        follows(row, at, status="trialing", trial_start=at, trial_end=at + dt.timedelta(days=40))
        future.kinds["trial put into a running subscription"] += 1
    for number, row in enumerate(running[5 * EACH : 6 * EACH]):
        at = future.after(number)
        follows(row, at, current_period_start=at, current_period_end=at + dt.timedelta(days=100))
        future.kinds["bill of a running subscription moved"] += 1
    for number, row in future.some(customer, lambda row: not row["is_deleted"], skip=5):
        future.add(customer, "customer deleted", redelivered(row, future.after(number), is_deleted=True))
    held = future.sound(item, lambda row: row["_fivetran_end"] == OPEN_END and row["created"] < future.end)
    for number, row in enumerate(held[: 3 * EACH]):
        at = future.after(number)
        closed = redelivered(row, at, _fivetran_end=at - _MOMENT, _fivetran_active=False)
        opened = redelivered(row, at, _fivetran_start=at, quantity=1 + 3 * (row["quantity"] or 1))
        future.add(item, "seats changed", closed, opened)
    for number, row in enumerate(held[3 * EACH : 4 * EACH]):
        at = future.after(number)
        taken_off = redelivered(row, at, _fivetran_end=at, _fivetran_active=False)
        future.add(item, "item taken off", taken_off)
    coupons = {row["id"]: row for row in future.sound(("stripe", "coupon"))}
    endless = {name for name, what in coupons.items() if what["duration"] == "forever"}
    forever = [row for row in future.sound(discount) if row["end"] is None and row["coupon_id"] in endless]
    for number, row in enumerate([row for row in forever if row["start"] < future.end][:EACH]):
        at = future.after(number)
        future.add(discount, "discount given an end", redelivered(row, at, end=at))
    for _, row in future.some(discount, lambda row: row["end"] is not None and row["end"] > future.end):
        at = row["end"] + dt.timedelta(days=40)
        future.add(discount, "end of a discount moved", redelivered(row, at, end=at))
    for number, row in enumerate(running[3 * EACH : 4 * EACH]):
        at = future.after(number)
        coupon = next(name for name, what in coupons.items() if what["duration"] == "forever" and what["percent_off"])
        new = {"id": f"di_new_{number}", "subscription_id": row["id"], "customer_id": row["customer_id"]}
        new |= {"coupon_id": coupon, "start": at, "end": None, "_fivetran_synced": at}
        future.add(discount, "new discount", new)


def _bills(future: Future) -> None:
    invoice, charge = ("stripe", "invoice"), ("stripe", "charge")

    def unpaid(row: Row) -> bool:
        paid_at = row["status_transitions_paid_at"]
        open_then = row["status"] in ("open", "paid", "uncollectible") and row["created"] < future.end
        return open_then and not row["is_deleted"] and (paid_at > future.end if paid_at else row["status"] != "paid")

    waiting = future.sound(invoice, unpaid)
    for number, row in enumerate(waiting[:EACH]):
        at = future.after(number)
        future.add(invoice, "open invoice paid", redelivered(row, at, status="paid", status_transitions_paid_at=at))
    for number, row in enumerate(waiting[EACH : 2 * EACH]):
        at = future.after(number)
        void = redelivered(row, at, status="void", status_transitions_voided_at=at, status_transitions_paid_at=None)
        future.add(invoice, "open invoice voided", void)
    for number, row in enumerate(waiting[2 * EACH : 3 * EACH]):
        at = future.after(number)
        future.add(
            invoice,
            "open invoice given up",
            redelivered(row, at, status="uncollectible", status_transitions_paid_at=None),
        )
    for number, row in future.some(invoice, lambda row: row["status"] == "paid" and not row["is_deleted"]):
        at = future.after(number)
        new = {
            "id": f"in_new_{number}",
            "status": "open",
            "created": at,
            "due_date": at,
            "status_transitions_paid_at": None,
        }
        future.add(invoice, "new invoice", {**row, **new, "_fivetran_synced": at})
    for number, row in future.some(charge, lambda row: row["status"] == "succeeded"):
        at = future.after(number)
        new = {"id": f"ch_new_{number}", "status": "failed", "paid": False, "created": at, "_fivetran_synced": at}
        future.add(charge, "new failed payment", {**row, **new})


def _product(future: Future) -> None:
    tracks, groups, identifies = ("segment", "tracks"), ("segment", "groups"), ("segment", "identifies")

    def moved(row: Row, at: dt.datetime, new_id: str, **what: object) -> Row:
        times = {name: at for name in ("timestamp", "original_timestamp", "sent_at", "received_at") if name in row}
        return {**row, **times, "id": new_id, **what}

    def sound(key: TableKey) -> list[Row]:
        return [
            row for row in future.raw[key]
            if row["id"] is not None and (*key, row["id"]) not in future.broken and row["timestamp"] < future.end
        ]  # fmt: skip

    for number, row in enumerate(sound(tracks)[::97]):
        event = "api_key_created" if number % 2 else "action_failed"
        future.add(tracks, "new event", moved(row, future.after(number), f"ajs-new-{number}", event=event))
    calls = sound(groups)
    workspaces = sorted({row["group_id"] for row in calls})
    first_accounts = [row["id"] for row in future.sound(("salesforce", "account"))]
    for number, row in enumerate(calls[:: max(1, len(calls) // (8 * EACH))]):
        other = workspaces[(workspaces.index(row["group_id"]) + 1) % len(workspaces)]
        call = moved(row, future.after(number), f"ajs-g-move-{number}", group_id=other)
        future.add(groups, "user joins another workspace", call)
    for number, name in enumerate(workspaces):
        row = next(call for call in calls if call["group_id"] == name)
        told = {"name": "Told Later", "domain": f"told-later-{number}.example"}
        told |= {"salesforce_account_id": first_accounts[number % len(first_accounts)]}
        call = moved(row, future.after(number), f"ajs-g-told-{number}", **told)
        future.add(groups, "workspace described anew", call)
    for number, row in enumerate(calls[: 3 * EACH]):
        user = {"group_id": f"ws_new_{number}", "user_id": f"u_new_{number}"}
        future.add(groups, "new workspace", moved(row, future.after(number), f"ajs-g-new-{number}", **user))
        named = {"group_id": first_accounts[-1 - number], "salesforce_account_id": None, "name": None, "domain": None}
        call = moved(row, future.after(number), f"ajs-g-id-{number}", **named)
        future.add(groups, "workspace named by its account", call)
        who = {"user_id": f"u_new_{number}", "email": f"new{number}@{row['domain']}"}
        future.add(
            identifies, "new user", moved(sound(identifies)[0], future.after(number), f"ajs-i-new-{number}", **who)
        )


def _tickets(future: Future) -> None:
    ticket, history, organization = (
        ("zendesk", "ticket"),
        ("zendesk", "ticket_field_history"),
        ("zendesk", "organization"),
    )

    def says(row: Row, at: dt.datetime, name: str, value: str) -> Row:
        who = {"ticket_id": row["id"], "user_id": row["requester_id"], "_fivetran_synced": at}
        return {**who, "field_name": name, "updated": at, "value": value}

    old = future.sound(ticket, lambda row: not row["_fivetran_deleted"] and row["created_at"] < future.end)
    recent = [row for row in old if row["created_at"] > future.end - dt.timedelta(days=80)]
    solved = [row for row in recent if row["status"] in ("solved", "closed") and row["updated_at"] < future.end]
    for number, row in enumerate(recent[: 3 * EACH]):
        at = future.after(number)
        priority = "urgent" if row["priority"] in ("low", "normal") else "low"
        future.add(ticket, "priority changed", redelivered(row, at, priority=priority, updated_at=at))
        future.raw[history].append(says(row, at, "priority", priority))
    for number, row in enumerate(solved[: 2 * EACH]):
        at = future.after(number)
        future.add(ticket, "ticket reopened", redelivered(row, at, status="open", updated_at=at))
        future.raw[history].append(says(row, at, "status", "open"))
    for number, row in enumerate(solved[2 * EACH : 4 * EACH]):
        at = future.after(number)
        end = at + dt.timedelta(days=4)
        future.add(ticket, "ticket reopened and solved again", redelivered(row, end, status="solved", updated_at=end))
        future.raw[history] += [says(row, at, "status", "open"), says(row, end, "status", "solved")]
    for number, row in enumerate(solved[4 * EACH : 6 * EACH]):
        future.add(
            history,
            "ticket rated",
            says(row, future.after(number), "satisfaction_score", "good" if number % 2 else "bad"),
        )
    for number, row in enumerate(recent[:: max(1, len(recent) // (3 * EACH))]):
        at = future.after(number)
        new = {"id": 800_000_000 + number, "created_at": at, "updated_at": at, "status": "open", "priority": "urgent"}
        future.add(ticket, "new ticket", {**row, **new, "_fivetran_synced": at})
        future.raw[history].append(says({**row, **new}, at, "status", "open"))
    for number, row in future.some(organization, lambda row: row["created_at"] < future.end):
        at = future.after(number)
        new = {"id": 700_000_000 + number, "created_at": at, "updated_at": at, "_fivetran_synced": at}
        future.add(organization, "new support organisation", {**row, **new})


def _surveys(future: Future) -> None:
    response, answer = ("qualtrics", "survey_response"), ("qualtrics", "question_response")
    embedded = ("qualtrics", "survey_embedded_data")
    accounts = [row["id"] for row in future.sound(("salesforce", "account"))]
    old = future.sound(response, lambda row: row["end_date"] is not None and row["end_date"] < future.end)
    scores = {row["response_id"]: row for row in future.raw[answer] if row["question_id"] == "QID1" and row["value"]}
    scored = [row for row in old if row["id"] in scores]
    for number, row in enumerate(scored[: 8 * EACH]):
        at, new_id = future.after(number), f"R_new_{number}"
        times = {"start_date": at, "end_date": at, "recorded_date": at, "_fivetran_synced": at}
        future.add(response, "another answer of a respondent", {**row, **times, "id": new_id})
        said = {"_fivetran_id": f"qr_new_{number}", "response_id": new_id, "value": "0", "_fivetran_synced": at}
        future.raw[answer].append({**scores[row["id"]], **said})
        # Sorted last among the ids: a reading that takes the greatest id of a respondent would follow it.
        told = {"response_id": new_id, "key": "salesforce_account_id", "value": max(accounts), "import_id": None}
        future.add(embedded, "respondent says another account", {**told, "_fivetran_synced": at})
