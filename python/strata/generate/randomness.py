"""Random streams that depend on the seed and a name alone, and ids that are unique by construction."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


def stream(seed: int, name: str, block: int = 0) -> np.random.Generator:
    """The random stream `name` of a seed. Streams of different names or blocks are independent of each other."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(name.encode()), block])))


def mix(counter: npt.NDArray[Any], salt: str) -> npt.NDArray[np.uint64]:
    """A bijection on 64 bits (the finaliser of splitmix64): different counters never give the same value."""
    z = counter.astype(np.uint64) + np.uint64(zlib.crc32(salt.encode()) << 32 | 0x9E3779B9)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def hex_ids(prefix: str, counter: npt.NDArray[Any]) -> pa.Array:
    """`prefix` and 16 hexadecimal digits for each counter; unique as long as the counters are."""
    n = len(counter)
    values = mix(counter, prefix).astype(">u8").view(np.uint8).reshape(n, 8)
    head = np.frombuffer(prefix.encode(), dtype=np.uint8)
    width = len(head) + 16
    text = np.empty((n, width), dtype=np.uint8)
    text[:, : len(head)] = head
    text[:, len(head) :: 2] = _HEX[values >> 4]
    text[:, len(head) + 1 :: 2] = _HEX[values & 15]
    offsets = np.arange(n + 1, dtype=np.int64) * width
    large = pa.LargeStringArray.from_buffers(n, pa.py_buffer(offsets.tobytes()), pa.py_buffer(text.tobytes()))
    return large.cast(pa.string())


def choose(rng: np.random.Generator, weights: npt.ArrayLike, size: int) -> IntArray:
    """Indices drawn with the given weights (normalised here)."""
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.searchsorted(edges / edges[-1], rng.random(size), side="right").astype(np.int64)


def logistic(x: FloatArray) -> FloatArray:
    """1 / (1 + e^-x)."""
    return np.asarray(1.0 / (1.0 + np.exp(-x)), dtype=np.float64)
