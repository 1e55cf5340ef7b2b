"""From a config to a folder of raw tables."""

from __future__ import annotations

import time

import numpy as np
import pyarrow as pa

from strata.generate import truth
from strata.generate.billing import history_tables, make_billing
from strata.generate.clock import Clock, make_clock
from strata.generate.config import BLOCK_ACCOUNTS, GenerateConfig, GenerateReport, ProgressCallback
from strata.generate.crm import make_crm
from strata.generate.defects import broken_rows, future_rows, plant
from strata.generate.identity import Traces, trace
from strata.generate.invoicing import make_invoicing
from strata.generate.latent import Latent, simulate
from strata.generate.ledger import Ledger
from strata.generate.product import DUPLICATE_SHARE, LATE_SHARE, EventMaker
from strata.generate.randomness import stream
from strata.generate.schemas import TableKey
from strata.generate.support import make_support
from strata.generate.surveys import make_surveys
from strata.generate.world import World, make_world
from strata.generate.writer import RawFolder, check_target, raw_folder

SYSTEMS = ("stripe", "segment", "zendesk", "qualtrics")
_TRACKS: TableKey = ("segment", "tracks")
_IDENTIFIES: TableKey = ("segment", "identifies")
_GROUPS: TableKey = ("segment", "groups")
_TEMPLATE_BLOCKS, _TEMPLATE_ROWS = 200, 40


def generate(config: GenerateConfig, progress: ProgressCallback | None = None) -> GenerateReport:
    """Generates the company and puts it in the place of config.out in one step.

    The same config gives byte-identical tables. Raises GenerateError when config.out holds files that this generator
    did not write (and force is off).
    """
    started = time.monotonic()
    check_target(config)
    clock = make_clock(config)
    world = make_world(config, clock)
    steps = _Steps(progress, 5 + -(-world.n // BLOCK_ACCOUNTS))
    latent = simulate(config, clock, world)
    steps.done("accounts")
    ledger = Ledger()
    traces = {system: trace(config, world, system) for system in SYSTEMS}
    with raw_folder(config) as folder:
        _write_tables(config, clock, world, latent, traces, ledger, folder, steps)
        maker = EventMaker(config, clock, world, latent, traces["segment"])
        _write_events(config, clock, maker, ledger, folder, steps)
        ledger.effect("late_event_share", LATE_SHARE, "share", "Events that arrive an hour to five days late.")
        ledger.effect("duplicate_event_share", DUPLICATE_SHARE, "share", "Events delivered twice.")
        folder.write_truth("rows", truth.rows_table(ledger))
        folder.write_truth("effects", truth.effects_table(ledger))
        rows = dict(folder.rows)
    return GenerateReport(config.out, rows, time.monotonic() - started)


class _Steps:
    """Tells the callback how far the run is."""

    def __init__(self, progress: ProgressCallback | None, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def done(self, stage: str) -> None:
        """One more step is done."""
        self._done += 1
        if self._progress is not None:
            self._progress(stage, self._done, self._total)


def _write_tables(
    config: GenerateConfig, clock: Clock, world: World, latent: Latent, traces: dict[str, Traces], ledger: Ledger,
    folder: RawFolder, steps: _Steps,
) -> None:  # fmt: skip
    """Everything but the product events, system by system, so that only one system is in memory at a time."""
    crm = make_crm(config, clock, world, latent, ledger)
    _write(config, crm.tables, ledger, folder)
    steps.done("salesforce")
    billing = make_billing(config, clock, world, latent, traces["stripe"], ledger)
    invoicing = make_invoicing(config, clock, world, latent, billing, ledger)
    _write(config, invoicing.tables, ledger, folder)
    billing.tables.update(history_tables(clock, world, billing, invoicing.current_start, invoicing.current_end))
    _write(config, billing.tables, ledger, folder)
    steps.done("stripe")
    support = make_support(config, clock, world, latent, traces["zendesk"], invoicing.first_invoice, ledger)
    _write(config, support.tables, ledger, folder)
    steps.done("zendesk")
    surveys = make_surveys(config, clock, world, latent, traces["qualtrics"], crm.contacts, ledger)
    _write(config, surveys, ledger, folder)
    steps.done("qualtrics")
    accounts = truth.accounts_table(clock, world, latent, billing, crm.gone, support.organization, traces)
    folder.write_truth("accounts", accounts)
    folder.write_truth("account_months", truth.account_months_table(clock, world, latent))


def _write(config: GenerateConfig, tables: dict[TableKey, pa.Table], ledger: Ledger, folder: RawFolder) -> None:
    """Plants the defects and writes; each table is dropped once it is on disk."""
    for key in list(tables):
        folder.write(key, plant(config, key, tables.pop(key), ledger))


def _write_events(
    config: GenerateConfig, clock: Clock, maker: EventMaker, ledger: Ledger, folder: RawFolder, steps: _Steps
) -> None:
    """Blocks one after the other; a new file after every config.chunk_accounts accounts; broken rows in the last
    file.
    """
    keys = (_TRACKS, _IDENTIFIES, _GROUPS)
    writers = {key: folder.stream(key) for key in keys}
    templates: dict[TableKey, list[pa.Table]] = {key: [] for key in keys}
    per_file = max(1, -(-config.chunk_accounts // BLOCK_ACCOUNTS))
    for number, block in enumerate(maker):
        if number and number % per_file == 0:
            for writer in writers.values():
                writer.next_part()
        pieces = {_TRACKS: block.tracks, _IDENTIFIES: block.identifies, _GROUPS: block.groups}
        for key, table in pieces.items():
            writers[key].append(table)
            if number < _TEMPLATE_BLOCKS:
                step = max(1, table.num_rows // _TEMPLATE_ROWS)
                templates[key].append(table.take(pa.array(np.arange(0, table.num_rows, step))))
        writers[_TRACKS].append(block.duplicated)
        ledger.note(_TRACKS, block.duplicated, "duplicate")
        steps.done("product events")
    for key in keys:
        sample = pa.concat_tables(templates[key])
        rng = stream(config.seed, "defects." + ".".join(key))
        for rows in broken_rows(config, rng, key, sample, ledger):
            writers[key].append(rows)
        if key == _TRACKS:
            writers[key].append(future_rows(config, clock, sample, ledger))
        folder.finish(key, writers[key])
