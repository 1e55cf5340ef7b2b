"""How each entity of the other systems can be traced to its account: by id, by domain, by name, or not at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from strata.generate import vocabulary as v
from strata.generate.arrow import as_text, join, pick, texts, when
from strata.generate.config import GenerateConfig
from strata.generate.randomness import IntArray, choose, stream
from strata.generate.world import World

EXTERNAL, DOMAIN, NAME, NONE, AMBIGUOUS = range(5)
MATCHES: tuple[str, ...] = ("external_id", "domain", "name", "none", "ambiguous")
SHARES = (0.605, 0.25, 0.10, 0.045)
"""external id, domain only, name only, nothing."""


AMBIGUOUS_SHARE = 0.5
"""Share of the entities of accounts with a shared domain whose id, if there was one, is left out all the same."""


@dataclass(frozen=True)
class Traces:
    """What one system knows of each account, one element an account.

    match: row of MATCHES; reference: id of the account (null unless by id); name: as that system spells it; domain: of
    its e-mail addresses.
    """

    match: IntArray
    reference: pa.Array
    name: pa.Array
    domain: pa.Array


def trace(config: GenerateConfig, world: World, system: str) -> Traces:
    """Draws how a system's entities are traceable. An account that shares its domain is ambiguous unless its id is
    known.
    """
    rng = stream(config.seed, f"identity.{system}")
    n = world.n
    match = choose(rng, SHARES, n)
    unknown = (match != EXTERNAL) | (rng.random(n) < AMBIGUOUS_SHARE)
    match = np.where(world.shares_domain & unknown, AMBIGUOUS, match)
    return Traces(match, _references(rng, world, match), _spellings(rng, world, match), _domains(rng, world, match))


def _references(rng: np.random.Generator, world: World, match: IntArray) -> pa.Array:
    """Mostly the id; for a few the account number; for half of the merged accounts still the id of the duplicate."""
    n = world.n
    reference = when(rng.random(n) < 0.05, world.number, world.sf_id)
    duplicate = np.full(n, -1, dtype=np.int64)
    losers = np.flatnonzero(world.merged_into >= 0)
    duplicate[world.merged_into[losers]] = losers
    stale = (duplicate >= 0) & (rng.random(n) < 0.5)
    reference = when(stale, pick(world.sf_id, np.maximum(duplicate, 0)), reference)
    return when(match == EXTERNAL, reference, None)


def _spellings(rng: np.random.Generator, world: World, match: IntArray) -> pa.Array:
    """The name with another legal form or another case; a name that says nothing where nothing may be learnt from
    it.
    """
    n = world.n
    forms = sorted({c.legal_form for c in v.COUNTRIES} | {"LLC", "inc", "Gmbh"})
    variant = rng.integers(0, 5, n)
    form = rng.integers(0, len(forms), n)
    official = {c.legal_form for c in v.COUNTRIES}
    spelled = []
    for name, how, f in zip(world.name, variant.tolist(), form.tolist(), strict=True):
        head, _, tail = name.rpartition(" ")
        bare = head if tail in official else name
        spelled.append((name, bare, bare.upper(), bare.lower() + " " + forms[f].lower(), bare + ", " + forms[f])[how])
    people = rng.integers(0, len(v.LAST_NAMES), n)
    vague = join("Accounts ", pick(v.LAST_NAMES, people), " ", as_text(rng.integers(10, 9_999, n)))
    return when((match == NONE) | (match == AMBIGUOUS), vague, texts(spelled))


def _domains(rng: np.random.Generator, world: World, match: IntArray) -> pa.Array:
    """The own domain, or a free-mail or agency domain where the domain must not tell."""
    n = world.n
    own = texts(world.domain)
    free = pick(v.FREE_MAIL_DOMAINS, rng.integers(0, len(v.FREE_MAIL_DOMAINS), n))
    agency = join("billing-office-", as_text(np.arange(n)), ".example")
    foreign = when(rng.random(n) < 0.6, free, agency)
    return when((match == NAME) | (match == NONE), foreign, own)


def slugs(names: pa.Array) -> pa.Array:
    """Names as they stand in an e-mail address."""
    return pc.replace_substring_regex(pc.utf8_lower(names), "[^a-z0-9]+", ".")
