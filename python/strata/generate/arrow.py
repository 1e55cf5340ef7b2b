"""Small helpers from numpy to Arrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from strata.generate.clock import NEVER
from strata.generate.randomness import BoolArray, IntArray

Column = Any
"""A pyarrow array, a numpy array or one value for all rows."""


def timestamps(times: IntArray, null: BoolArray | None = None) -> pa.Array:
    """timestamp[us] from microseconds; NEVER, and whatever `null` marks, becomes null (the open end 9999 stays)."""
    mask = times == NEVER if null is None else (times == NEVER) | null
    return pa.array(times.astype("datetime64[us]"), mask=mask)


def integers(values: npt.NDArray[Any], null: BoolArray | None = None) -> pa.Array:
    """int64, null where marked."""
    return pa.array(values.astype(np.int64), mask=null)


def texts(values: Sequence[str | None]) -> pa.Array:
    """A string array."""
    return pa.array(list(values), type=pa.string())


def pick(words: Sequence[str | None] | pa.Array, index: npt.NDArray[Any], null: BoolArray | None = None) -> pa.Array:
    """words[index], null where marked."""
    source = words if isinstance(words, pa.Array) else texts(words)
    return source.take(pa.array(index.astype(np.int64), mask=null))


def join(*parts: pa.Array | str) -> pa.Array:
    """The parts written one after the other, row by row; null when one of them is."""
    return pc.binary_join_element_wise(*parts, "", null_handling="emit_null")


def when(condition: BoolArray, yes: pa.Array | None, no: pa.Array | None) -> pa.Array:
    """yes where the condition holds, else no; None stands for null."""
    kind = (yes if yes is not None else no).type  # type: ignore[union-attr]
    empty = pa.scalar(None, type=kind)
    return pc.if_else(pa.array(condition), empty if yes is None else yes, empty if no is None else no)


def as_text(values: npt.NDArray[Any]) -> pa.Array:
    """Whole numbers as text."""
    return pa.array(values.astype(np.int64)).cast(pa.string())


def build(schema: pa.Schema, columns: Mapping[str, Column]) -> pa.Table:
    """A table of exactly this schema. A column that is one value (or None) is repeated.

    Raises KeyError when a column of the schema is missing, or one is given that the schema does not know.
    """
    unknown = set(columns) - set(schema.names)
    if unknown:
        raise KeyError(f"unknown columns: {sorted(unknown)}")
    rows = next(len(c) for c in columns.values() if isinstance(c, pa.Array | np.ndarray))
    arrays = []
    for field in schema:
        value = columns[field.name]
        if isinstance(value, np.ndarray):
            value = pa.array(value)
        if not isinstance(value, pa.Array):
            value = pa.repeat(pa.scalar(value, type=field.type), rows)
        arrays.append(value if value.type == field.type else value.cast(field.type))
    return pa.Table.from_arrays(arrays, schema=schema)
