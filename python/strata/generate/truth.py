"""The planted truth, in a folder that no model reads."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from strata.generate import latent
from strata.generate import vocabulary as v
from strata.generate.arrow import pick
from strata.generate.billing import Billing
from strata.generate.clock import NEVER, Clock
from strata.generate.identity import MATCHES, Traces
from strata.generate.latent import Latent, Spells
from strata.generate.ledger import ROWS_SCHEMA, Ledger
from strata.generate.product import SECOND_WORKSPACE_EVERY, workspace_ids
from strata.generate.randomness import BoolArray, IntArray
from strata.generate.world import PAYING, PROSPECT, TRIAL, World

LEVELS = ("novice", "practitioner", "expert")
SIZES = ("small", "medium", "large", "strategic")
KINDS = ("paying", "trial", "prospect", "merged")


def accounts_table(
    clock: Clock, world: World, states: Latent, billing: Billing, gone: IntArray, organization: IntArray,
    traces: dict[str, Traces],
) -> pa.Table:  # fmt: skip
    """One row per account: what it is, when it came, left and came back, and how it can be found in each system."""
    n = world.n
    spells = states.spells
    seen = spells.end < clock.as_of_end
    last = _last_churn(spells, n)
    ahead = (spells.end >= clock.as_of_end) & (spells.end < NEVER) & (spells.start < clock.as_of_end)
    workspaces = _workspaces(world)
    columns: dict[str, pa.Array] = {
        "salesforce_account_id": world.sf_id,
        "kind": pick(KINDS, world.kind),
        "sophistication": pick(LEVELS, world.sophistication),
        "is_brand": pa.array(world.is_brand),
        "size_class": pick(SIZES, world.size_class),
        "is_prospect": pa.array(world.kind == PROSPECT),
        "trial_never_converted": pa.array(world.kind == TRIAL),
        "merged_into_salesforce_account_id": pick(world.sf_id, np.maximum(world.merged_into, 0), world.merged_into < 0),
        "deleted_on": _dates(np.where(gone < clock.as_of_end, gone, NEVER)),
        "first_paid_on": _dates(np.where(world.kind == PAYING, world.first_paid, NEVER)),
        "churned_on": _date_lists(spells.account[seen], spells.end[seen], n),
        "first_churned_on": _dates(_first(spells.account[seen], spells.end[seen], n)),
        "won_back_on": _date_lists(*_won_back(spells, clock), n),
        "churns_after_as_of_on": _dates(_first(spells.account[ahead], spells.end[ahead], n)),
        "quiet_before_churn": pa.array((last >= 0) & (spells.quiet_weeks[last] > 0)),
        "quiet_weeks": pa.array(np.where(last >= 0, spells.quiet_weeks[last], 0)),
        "leaves_without_sign": pa.array((last >= 0) & spells.silent[last]),
        "starved_from": _dates(np.where(world.starved_from < clock.as_of_end, world.starved_from, NEVER)),
        "currency": pick([c.upper() for c in v.CURRENCIES], world.currency),
        "stripe_customer_ids": _id_lists(billing.customer_account, billing.customer_ids, n),
        "stripe_match": pick(MATCHES, traces["stripe"].match, null=billing.main_customer < 0),
        "segment_workspace_ids": workspaces,
        "segment_match": pick(MATCHES, traces["segment"].match, null=billing.main_customer < 0),
        "zendesk_organization_id": pa.array(organization, mask=organization < 0),
        "zendesk_match": pick(MATCHES, traces["zendesk"].match, null=organization < 0),
        "survey_match": pick(_SURVEY_MATCHES, traces["qualtrics"].match, null=world.kind != PAYING),
    }
    return pa.table(columns)


_SURVEY_MATCHES = ("external_id", "domain", "none", "none", "ambiguous")
"""A response carries no company name: what could only be found by name cannot be found."""


def account_months_table(clock: Clock, world: World, states: Latent) -> pa.Table:
    """One row per account × simulated month from its creation on: latent state, hazard, whether it left."""
    created = clock.month_of(world.created)
    account, month = np.nonzero(np.arange(clock.months)[None, :] >= created[:, None])
    paying = states.spell >= 0
    left = np.zeros_like(paying)
    spells = states.spells
    ended = np.flatnonzero(spells.end < NEVER)
    left[spells.account[ended], clock.month_of(spells.end[ended])] = True
    return pa.table(
        {
            "salesforce_account_id": pick(world.sf_id, account),
            "month": _dates(clock.edges[month]),
            "health": pa.array(states.health[account, month].astype(np.float64)),
            "churn_hazard": pa.array(states.hazard[account, month].astype(np.float64)),
            "decision_terms": pa.array(states.terms[account, month].astype(np.float64)),
            "is_paying_at_end": pa.array(paying[account, month]),
            "churned_in_month": pa.array(left[account, month]),
            "is_after_as_of": pa.array(clock.edges[month] >= clock.as_of_end),
        }
    )


def rows_table(ledger: Ledger) -> pa.Table:
    """One row per raw row planted as broken, duplicate or deleted."""
    return pa.concat_tables(ledger.rows) if ledger.rows else ROWS_SCHEMA.empty_table()


def effects_table(ledger: Ledger) -> pa.Table:
    """One row per effect planted in the numbers."""
    ledger.effect(
        "hazard_intercept", latent.HAZARD_INTERCEPT, "logit", "Of the monthly hazard at state 0, small account."
    )
    ledger.effect("hazard_slope", latent.HAZARD_SLOPE, "logit", "Fall of the hazard per unit of the state.")
    ledger.effect("silent_hazard", latent.SILENT_HAZARD, "per month", "Leaving for reasons that nothing announces.")
    ledger.effect("quiet_share", latent.QUIET_SHARE, "share", "Announced churns whose usage fades weeks before.")
    ledger.effect("win_back_share", latent.WIN_BACK_SHARE, "share", "Churned accounts that come back in 2 to 6 months.")
    ledger.effect("starved_state", -latent.STARVED_DRIFT, "state", "Lower level of the state of starved accounts.")
    names, values, units, descriptions = zip(*ledger.effects, strict=True)
    return pa.table({"effect": names, "planted_value": values, "unit": units, "description": descriptions})


def _dates(times: IntArray) -> pa.Array:
    """Dates; NEVER becomes null."""
    return pa.array(times.astype("datetime64[us]").astype("datetime64[D]"), mask=times == NEVER)


def _first(account: IntArray, times: IntArray, n: int) -> IntArray:
    """The earliest time of each account, NEVER for none."""
    first = np.full(n, NEVER, dtype=np.int64)
    np.minimum.at(first, account, times)
    return first


def _offsets(account: IntArray, n: int) -> npt.NDArray[np.int32]:
    """Offsets of lists by account; the values must be sorted by account."""
    counts = np.bincount(account, minlength=n)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)


def _date_lists(account: IntArray, times: IntArray, n: int) -> pa.Array:
    """The dates of each account, in order."""
    order = np.lexsort((times, account))
    return pa.ListArray.from_arrays(pa.array(_offsets(account, n)), _dates(times[order]))


def _id_lists(account: IntArray, ids: pa.Array, n: int) -> pa.Array:
    """The ids of each account."""
    order = np.argsort(account, kind="stable")
    return pa.ListArray.from_arrays(pa.array(_offsets(account, n)), ids.take(pa.array(order)))


def _won_back(spells: Spells, clock: Clock) -> tuple[IntArray, IntArray]:
    """(account, start) of every spell after a churn."""
    again: BoolArray = (spells.order > 0) & (spells.start < clock.as_of_end)
    return spells.account[again], spells.start[again]


def _last_churn(spells: Spells, n: int) -> IntArray:
    """Row of the last spell of each account that ends (as far as simulated), -1 for none."""
    last = np.full(n, -1, dtype=np.int64)
    ended = np.flatnonzero(spells.end < NEVER)
    last[spells.account[ended]] = ended
    return last


def _workspaces(world: World) -> pa.Array:
    """Workspaces of each account."""
    inside = np.flatnonzero((world.kind == PAYING) | (world.kind == TRIAL)).astype(np.int64)
    second = inside[inside % SECOND_WORKSPACE_EVERY == 5]
    account = np.concatenate([inside, second])
    is_second = np.arange(len(account)) >= len(inside)
    order = np.lexsort((is_second, account))
    account, is_second = account[order], is_second[order]
    return _id_lists(account, workspace_ids(account, is_second), world.n)
