"""The stability of segments, followed snapshot by snapshot as a person would, with nothing of the SQL in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Stability:
    """A row of seeds/policy/segment_stability.csv. tenure: days; 0 for none."""

    up: int
    down: int
    tenure: int
    takes_effect: str
    confirmed_by: str = "snapshots"

    def period(self, day: dt.date) -> object:
        """What a change waits for the end of."""
        if self.takes_effect == "month_start":
            return day.year, day.month
        if self.takes_effect == "quarter_start":
            return day.year, (day.month - 1) // 3
        return day


@dataclass(frozen=True)
class Seen:
    """What the rules say of an account on a day: its rank (None: a segment without one), the lowest rank that they
    would say within the margin upwards, and the highest within the margin downwards."""

    rank: int | None
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class Answer:
    """The rank in force (None: a segment without rank), and what keeps it from being the candidate's."""

    rank: int | None
    held_by: str | None


class _Spell:
    """From the first ranked candidate on, until one without rank, or another policy."""

    def __init__(self, day: dt.date, rank: int, levels: Sequence[int], policy: Stability) -> None:
        self.policy = policy
        self.levels = {level: rank >= level for level in levels}
        self.reached = dict.fromkeys(levels, 0)
        self.below = dict.fromkeys(levels, 0)
        self.effective = self.settled = rank
        self.since = self.before = day

    def see(self, day: dt.date, rank: int, least: int, most: int) -> Answer:
        by = self.policy.confirmed_by
        for level in self.levels:
            clearly_reached, clearly_below = least >= level, most < level
            up = clearly_reached if by == "margin" else rank >= level
            down = clearly_below if by == "margin" else rank < level
            self.reached[level] = self.reached[level] + 1 if up else 0
            self.below[level] = self.below[level] + 1 if down else 0
            if self.reached[level] >= self.policy.up or (by == "either" and clearly_reached):
                self.levels[level] = True
            if self.below[level] >= self.policy.down or (by == "either" and clearly_below):
                self.levels[level] = False
        confirmed = max(level for level, is_in_force in self.levels.items() if is_in_force)
        may_change = day == self.before or self.policy.period(day) != self.policy.period(self.before)
        if may_change:
            self.settled = confirmed
        if may_change and self.settled != self.effective and (day - self.since).days >= self.policy.tenure:
            self.effective, self.since = self.settled, day
        self.before = day
        if self.effective == rank:
            return Answer(rank, None)
        if self.effective != self.settled:
            return Answer(self.effective, "minimum_tenure")
        if self.settled != confirmed:
            return Answer(self.effective, "period_start")
        unclear = least < rank if rank > confirmed else most > rank
        return Answer(self.effective, "margin" if by == "margin" and unclear else "confirmation")


def steadied(
    days: Sequence[dt.date], seen: Sequence[Seen], levels: Sequence[int], policies: Sequence[Stability]
) -> list[Answer]:
    """The answers of one account. policies: the one in force on each day; another one takes effect at once.

    Where a margin leads to no rank, or to a rank on the wrong side, the candidate's own stands.
    """
    spell: _Spell | None = None
    found = []
    for day, today, policy in zip(days, seen, policies, strict=True):
        rank = today.rank
        if rank is None:
            spell = None
            found.append(Answer(None, None))
            continue
        if spell is None or spell.policy is not policy:
            spell = _Spell(day, rank, levels, policy)
        least = rank if today.least is None else min(rank, today.least)
        most = rank if today.most is None else max(rank, today.most)
        found.append(spell.see(day, rank, least, most))
    return found
