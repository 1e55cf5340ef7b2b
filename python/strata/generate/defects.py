"""What goes wrong on the way: broken rows of each kind, double deliveries and outdated versions. All are rows in
addition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from strata.generate.arrow import timestamps
from strata.generate.clock import DAY, HOUR, SECOND, Clock
from strata.generate.config import GenerateConfig
from strata.generate.ledger import Ledger
from strata.generate.randomness import BoolArray, IntArray, hex_ids, stream
from strata.generate.schemas import TableKey, key_columns

Change = object
"""A new value for all rows of a column (None for null), or a function from the chosen rows to the new column."""


@dataclass(frozen=True)
class Defect:
    """Rows to plant: copies of sound rows under new ids, with some columns changed. count: rows per 1,000 accounts,
    at least.
    """

    reason: str
    count: int
    changes: Mapping[str, Change]


def _shift(column: str, by: int) -> Callable[[pa.Table], pa.Array]:
    """The time in another column, moved."""

    def moved(rows: pa.Table) -> pa.Array:
        times = rows.column(column).combine_chunks().cast(pa.int64()).to_numpy(zero_copy_only=False)
        return timestamps(times + by)

    return moved


_EPOCH = pa.scalar(0, type=pa.timestamp("us"))

DEFECTS: dict[TableKey, tuple[Defect, ...]] = {
    ("salesforce", "account"): (Defect("missing_key", 2, {"id": None}),),
    ("salesforce", "contact"): (Defect("missing_key", 3, {"id": None}),),
    ("salesforce", "opportunity"): (Defect("implausible_date", 3, {"created_date": _EPOCH}),),
    ("salesforce", "event"): (Defect("ends_before_it_starts", 5, {"end_date_time": _shift("start_date_time", -HOUR)}),),
    ("salesforce", "task"): (Defect("missing_key", 2, {"id": None}),),
    ("stripe", "customer"): (Defect("missing_key", 2, {"id": None}),),
    ("stripe", "subscription_history"): (
        Defect("ends_before_it_starts", 3, {"ended_at": _shift("start_date", -DAY), "status": "canceled"}),
        Defect("missing_required_value", 2, {"customer_id": None}),
    ),
    ("stripe", "subscription_item"): (
        Defect("orphan", 4, {"subscription_id": "sub_unknown"}),
        Defect("negative_amount", 3, {"quantity": -4}),
    ),
    ("stripe", "price"): (
        Defect("unknown_currency", 2, {"currency": "xxx"}),
        Defect("not_a_number", 2, {"unit_amount": None, "unit_amount_decimal": "n/a"}),
        Defect("unknown_interval", 1, {"recurring_interval": "fortnight"}),
    ),
    ("stripe", "coupon"): (Defect("out_of_range", 1, {"percent_off": 140.0, "amount_off": None, "currency": None}),),
    ("stripe", "subscription_discount"): (Defect("orphan", 2, {"coupon_id": "coupon_unknown"}),),
    ("stripe", "invoice"): (
        Defect("missing_required_value", 2, {"customer_id": None}),
        Defect("negative_amount", 2, {"amount_due": -4_900, "amount_remaining": -4_900, "total": -4_900}),
    ),
    ("stripe", "invoice_line_item"): (Defect("orphan", 3, {"invoice_id": "in_unknown"}),),
    ("stripe", "charge"): (
        Defect("missing_key", 1, {"id": None}),
        Defect("negative_amount", 2, {"amount": -4_900}),
    ),
    ("segment", "tracks"): (
        Defect("missing_key", 20, {"id": None}),
        Defect("received_before_it_happened", 15, {"timestamp": _shift("received_at", 2 * DAY)}),
        Defect("implausible_date", 10, {"timestamp": _EPOCH, "original_timestamp": _EPOCH}),
        Defect("missing_required_value", 10, {"event": None}),
    ),
    ("segment", "identifies"): (Defect("missing_required_value", 3, {"user_id": None}),),
    ("segment", "groups"): (Defect("missing_required_value", 3, {"group_id": None}),),
    ("zendesk", "organization"): (Defect("missing_key", 1, {"id": None}),),
    ("zendesk", "ticket"): (
        Defect("missing_key", 2, {"id": None}),
        Defect("implausible_date", 3, {"created_at": _EPOCH}),
    ),
    ("zendesk", "ticket_field_history"): (Defect("orphan", 5, {"ticket_id": 1}),),
    ("zendesk", "ticket_comment"): (Defect("orphan", 3, {"ticket_id": 1}),),
    ("qualtrics", "question_response"): (
        Defect("out_of_range", 2, {"value": "11", "text": None}),
        Defect("out_of_range", 2, {"value": "-1", "text": None}),
        Defect("not_a_number", 4, {"value": "eleven", "text": None}),
        Defect("orphan", 2, {"response_id": "R_unknown"}),
    ),
    ("qualtrics", "survey_response"): (
        # All its dates at once: a response is dated by its end, or by when it was recorded.
        Defect("implausible_date", 2, {"start_date": _EPOCH, "end_date": _EPOCH, "recorded_date": _EPOCH}),
    ),
}
"""Kinds of broken rows by table; staging must reject each with its reason."""

OUTDATED: dict[TableKey, Mapping[str, Change]] = {
    ("salesforce", "account"): {"name": lambda rows: pc.utf8_upper(rows.column("name").combine_chunks())},
    ("salesforce", "contact"): {"title": None},
    ("salesforce", "opportunity"): {"stage_name": "Qualification", "is_closed": False, "is_won": False},
    ("salesforce", "task"): {"status": "Not Started", "is_closed": False, "completed_date_time": None},
    ("stripe", "customer"): {"email": None, "metadata": "{}"},
    ("stripe", "invoice"): {"status": "open", "amount_paid": 0, "status_transitions_paid_at": None},
    ("zendesk", "ticket"): {"status": "open"},
}
"""Tables of which older deliveries are left in the landing zone, and what they said then."""

DELIVERED_TWICE: frozenset[TableKey] = frozenset(
    {("salesforce", "account"), ("stripe", "customer"), ("stripe", "invoice"), ("zendesk", "ticket")}
)
EXACT_SHARE, OUTDATED_SHARE, LEAST = 0.004, 0.006, 3
_SOUND_A_DEFECT = 50
FUTURE_EVENTS = 20
UNREADABLE_METADATA = 2


def scaled(config: GenerateConfig, count: int) -> int:
    """Number of rows to plant in a company of this size."""
    return max(count, round(count * config.accounts / 1_000))


def plant(config: GenerateConfig, key: TableKey, table: pa.Table, ledger: Ledger) -> pa.Table:
    """The table with its defects behind the sound rows; each is noted in the ledger."""
    rng = stream(config.seed, "defects." + ".".join(key))
    sound = np.flatnonzero(~_deleted(table))
    if key == ("stripe", "customer"):
        table = _unreadable_metadata(rng, table, ledger)
    parts = [table, *_deliveries(rng, key, table, sound, ledger)]
    parts += broken_rows(config, rng, key, table.take(pa.array(_usable(key, table, sound))), ledger)
    return pa.concat_tables(parts)


def broken_rows(
    config: GenerateConfig, rng: np.random.Generator, key: TableKey, templates: pa.Table, ledger: Ledger
) -> list[pa.Table]:
    """The broken rows of a table, made from templates that are sound."""
    made = []
    serial = 0
    for defect in DEFECTS.get(key, ()):
        # A price list does not grow with the company; its faults are as rare as those of other tables.
        count = min(scaled(config, defect.count), max(defect.count, templates.num_rows // _SOUND_A_DEFECT))
        rows = templates.take(pa.array(rng.integers(0, templates.num_rows, count)))
        rows = _renamed(key, rows, serial)
        serial += count
        rows = _changed(rows, defect.changes)
        ledger.note(key, rows, defect.reason)
        made.append(rows)
    return made


def future_rows(config: GenerateConfig, clock: Clock, templates: pa.Table, ledger: Ledger) -> pa.Table:
    """Sound events of the two days after as_of: clocks of devices run, and nobody may see them yet."""
    rng = stream(config.seed, "defects.future")
    rows = templates.take(pa.array(rng.integers(0, templates.num_rows, FUTURE_EVENTS)))
    at = clock.as_of_end + (rng.random(FUTURE_EVENTS) * 2 * DAY).astype(np.int64)
    ids = hex_ids("ajs-future-", np.arange(FUTURE_EVENTS))
    new = {"id": ids, "timestamp": timestamps(at), "original_timestamp": timestamps(at)}
    new |= {"sent_at": timestamps(at + SECOND), "received_at": timestamps(at + 2 * SECOND)}
    ledger.effect("events_after_as_of", FUTURE_EVENTS, "rows", "Sound rows of segment.tracks dated after as_of.")
    return _changed(rows, new)


def _deleted(table: pa.Table) -> BoolArray:
    """Rows that the source marks as deleted."""
    gone = np.zeros(table.num_rows, dtype=np.bool_)
    for name in ("is_deleted", "_fivetran_deleted"):
        if name in table.column_names:
            gone |= table.column(name).to_numpy()
    if "status" in table.column_names and pa.types.is_string(table.schema.field("status").type):
        gone |= pc.equal(table.column("status"), "deleted").fill_null(False).to_numpy()
    return gone


def _usable(key: TableKey, table: pa.Table, sound: IntArray) -> IntArray:
    """Sound rows that carry the value which the defects of the table spoil."""
    needs = {
        ("stripe", "subscription_history"): ("_fivetran_active", True),
        ("stripe", "subscription_item"): ("_fivetran_active", True),
        ("stripe", "invoice"): ("status", "paid"),
        ("stripe", "price"): ("recurring_interval", "month"),
        ("qualtrics", "question_response"): ("question_id", "QID1"),
    }
    if key not in needs:
        return sound
    column, value = needs[key]
    fits = pc.equal(table.column(column), value).fill_null(False).to_numpy()
    return np.asarray(sound[fits[sound]], dtype=np.int64)


def _renamed(key: TableKey, rows: pa.Table, serial: int) -> pa.Table:
    """The rows under ids of their own, so that no sound row has a broken twin."""
    name = key_columns(key)[0]
    number = serial + np.arange(rows.num_rows, dtype=np.int64)
    if key == ("zendesk", "ticket_field_history"):
        # Its key holds no id of its own: ticket, field and time; the unknown ticket makes it differ, the time makes it
        # unique.
        return _changed(rows, {"updated": timestamps(1_600_000_000 * SECOND + number * HOUR)})
    if pa.types.is_integer(rows.schema.field(name).type):
        return _changed(rows, {name: pa.array(900_000_000_000 + number)})
    return _changed(rows, {name: hex_ids(f"{key[1][:4]}_broken_", number)})


def _changed(rows: pa.Table, changes: Mapping[str, Change]) -> pa.Table:
    """The rows with some columns replaced."""
    columns = {}
    for name, change in changes.items():
        kind = rows.schema.field(name).type
        value = change(rows) if callable(change) else change
        if not isinstance(value, pa.Array | pa.ChunkedArray):
            value = pa.repeat(value if isinstance(value, pa.Scalar) else pa.scalar(value, type=kind), rows.num_rows)
        columns[name] = value.cast(kind)
    for name, value in columns.items():
        rows = rows.set_column(rows.schema.get_field_index(name), rows.schema.field(name), value)
    return rows


def _deliveries(
    rng: np.random.Generator, key: TableKey, table: pa.Table, sound: IntArray, ledger: Ledger
) -> list[pa.Table]:
    """Rows delivered twice as they are, and older versions of rows that were sent again."""
    made = []
    shuffled = rng.permutation(sound)
    exact = max(LEAST, round(EXACT_SHARE * len(sound))) if key in DELIVERED_TWICE else 0
    older = max(LEAST, round(OUTDATED_SHARE * len(sound))) if key in OUTDATED else 0
    if exact:
        rows = table.take(pa.array(np.sort(shuffled[:exact])))
        ledger.note(key, rows, "duplicate")
        made.append(rows)
    if older:
        rows = table.take(pa.array(np.sort(shuffled[exact : exact + older])))
        rows = _changed(rows, {**OUTDATED[key], "_fivetran_synced": _shift("_fivetran_synced", -6 * HOUR)})
        ledger.note(key, rows, "duplicate")
        made.append(rows)
    return made


def _unreadable_metadata(rng: np.random.Generator, table: pa.Table, ledger: Ledger) -> pa.Table:
    """Customers whose metadata is cut off. The row stays usable, only its metadata says nothing, so it is not a
    broken row.
    """
    empty = np.flatnonzero(pc.equal(table.column("metadata"), "{}").to_numpy())
    chosen = rng.permutation(empty)[:UNREADABLE_METADATA]
    spoilt = np.zeros(table.num_rows, dtype=np.bool_)
    spoilt[chosen] = True
    metadata = pc.if_else(pa.array(spoilt), '{"salesforce_account_id": "001', table.column("metadata").combine_chunks())
    ledger.effect("unreadable_customer_metadata", len(chosen), "rows", "Accepted customers with cut-off metadata.")
    return _changed(table, {"metadata": metadata})
