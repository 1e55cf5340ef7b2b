"""The people of the accounts. Person k of an account is the same person in every system. All invented."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from strata.generate import vocabulary as v
from strata.generate.arrow import join, pick
from strata.generate.config import GenerateConfig
from strata.generate.randomness import IntArray, mix


@dataclass(frozen=True)
class People:
    """Names of persons, one element a person, and the part of an e-mail address before the @."""

    first: pa.Array
    last: pa.Array
    mailbox: pa.Array

    @property
    def name(self) -> pa.Array:
        """First and last name."""
        return join(self.first, " ", self.last)

    def email(self, domains: pa.Array) -> pa.Array:
        """E-mail addresses at the given domains (one a person)."""
        return join(self.mailbox, "@", domains)


def people(config: GenerateConfig, account: IntArray, number: IntArray) -> People:
    """Person `number` (0, 1, …) of each account.

    First and last name step by 1 and by 7 with the number; the lengths of their lists are coprime, so no two people of
    an account share both names before the product of the lengths (over 5,000) is used up.
    """
    base = mix(account + np.int64(config.seed) * 1_000_003, "people")
    first = ((base >> np.uint64(8)).astype(np.int64) + number) % len(v.FIRST_NAMES)
    last = ((base >> np.uint64(24)).astype(np.int64) + number * 7) % len(v.LAST_NAMES)
    first_names, last_names = pick(v.FIRST_NAMES, first), pick(v.LAST_NAMES, last)
    return People(first_names, last_names, pc.utf8_lower(join(first_names, ".", last_names)))
