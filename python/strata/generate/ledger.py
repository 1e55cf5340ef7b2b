"""Collects the planted truth about single rows while the tables are made."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from strata.generate.arrow import join
from strata.generate.randomness import BoolArray
from strata.generate.schemas import TableKey, key_columns

ROWS_SCHEMA = pa.schema(
    [
        pa.field("source_system", pa.string()),
        pa.field("source_table", pa.string()),
        pa.field("raw_key", pa.string()),
        pa.field("reason", pa.string()),
    ]
)


def raw_keys(key: TableKey, table: pa.Table) -> pa.Array:
    """The key of each row as text: the key columns joined with "|"; null when one of them is null.

    Times are written as engines cast them to text: no fraction when it is zero, no zeros behind it.
    """
    parts: list[pa.Array | str] = []
    for column in key_columns(key):
        values = table.column(column).combine_chunks()
        if pa.types.is_timestamp(values.type):
            values = pc.replace_substring_regex(pc.strftime(values, format="%Y-%m-%d %H:%M:%S"), r"\.?0+$", "")
        parts += [values.cast(pa.string()), "|"]
    return join(*parts[:-1])


@dataclass
class Ledger:
    """Every row planted as broken, duplicate or deleted, and the effects planted in the numbers."""

    rows: list[pa.Table] = field(default_factory=list)
    effects: list[tuple[str, float, str, str]] = field(default_factory=list)

    def note(self, key: TableKey, table: pa.Table, reason: str) -> None:
        """Notes all rows of `table` under a reason of seeds/crosswalks/rejection_reasons.csv."""
        if not table.num_rows:
            return
        keys = raw_keys(key, table)
        columns = [pa.repeat(pa.scalar(text), len(keys)) for text in key]
        self.rows.append(
            pa.Table.from_arrays([*columns, keys, pa.repeat(pa.scalar(reason), len(keys))], schema=ROWS_SCHEMA)
        )

    def note_where(self, key: TableKey, table: pa.Table, mask: BoolArray, reason: str) -> None:
        """Notes the marked rows of a table."""
        self.note(key, table.take(pa.array(np.flatnonzero(mask))), reason)

    def effect(self, name: str, value: float, unit: str, description: str) -> None:
        """Notes one planted effect or the share of one planted feature."""
        self.effects.append((name, float(value), unit, description))
