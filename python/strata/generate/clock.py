"""The time grid. All times are whole microseconds since 1970-01-01 UTC in int64; NEVER stands for "not yet, or not
at all".
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from strata.generate.config import GenerateConfig
from strata.generate.randomness import IntArray

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 3_600 * SECOND
DAY = 86_400 * SECOND
NEVER: int = 4_000_000_000 * SECOND  # the year 2096: later than any as_of plus the months looked ahead
OPEN_END: int = 253_402_300_799 * SECOND  # 9999-12-31 23:59:59, how history mode writes "still valid"

PRE_MONTHS = 12
"""Months the company has lived before the first observed month."""
AHEAD_MONTHS = 3
"""Months simulated beyond as_of, so that accounts about to leave are already quiet. Nothing of them is delivered."""


@dataclass(frozen=True)
class Clock:
    """Month grid of a run. edges: first microsecond of each simulated month, and the end of the last one."""

    edges: IntArray
    history_start: int
    """First microsecond of the first observed month."""
    as_of_end: int
    """First microsecond after as_of: whatever happens from here on is not delivered."""

    @property
    def months(self) -> int:
        """Simulated months: before, observed and ahead."""
        return len(self.edges) - 1

    @property
    def start(self) -> int:
        """First microsecond of the company."""
        return int(self.edges[0])

    def month_of(self, times: IntArray) -> IntArray:
        """Index of the simulated month that holds each time, clipped to the grid."""
        found = np.searchsorted(self.edges, times, side="right") - 1
        return np.clip(found, 0, self.months - 1).astype(np.int64)


def make_clock(config: GenerateConfig) -> Clock:
    """The grid for a config: PRE_MONTHS, the observed months, AHEAD_MONTHS."""
    last = (config.as_of.year - 1970) * 12 + config.as_of.month - 1
    first = last - config.months + 1 - PRE_MONTHS
    edges = month_starts(np.arange(first, last + AHEAD_MONTHS + 2, dtype=np.int64))
    end = int(np.datetime64(config.as_of + dt.timedelta(days=1), "us").astype(np.int64))
    return Clock(edges=edges, history_start=int(edges[PRE_MONTHS]), as_of_end=end)


def month_starts(month_numbers: npt.NDArray[np.int64]) -> IntArray:
    """First microsecond of months counted from 1970-01."""
    return month_numbers.astype("datetime64[M]").astype("datetime64[us]").astype(np.int64)


def add_months(times: IntArray, months: IntArray) -> IntArray:
    """Times moved by whole months. Exact for the days 1 to 28, the only days on which the company bills."""
    number = times.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
    return np.asarray(month_starts(number + months) + (times - month_starts(number)), dtype=np.int64)


def weekday(times: IntArray) -> IntArray:
    """0 Monday … 6 Sunday."""
    return (times // DAY + 3) % 7


def office_time(rng: np.random.Generator, days: IntArray) -> IntArray:
    """A moment in office hours on (mostly) working days: week-ends move to the next Monday for nine in ten."""
    day = weekday(days)
    move = np.where((day >= 5) & (rng.random(len(days)) < 0.9), (7 - day) * DAY, 0)
    start = days // DAY * DAY + move
    return np.asarray(start + 8 * HOUR + (rng.beta(2, 2, len(days)) * 9 * HOUR).astype(np.int64), dtype=np.int64)
