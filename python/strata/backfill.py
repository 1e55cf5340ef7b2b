"""Rebuilds a stretch of history in slices: a run needs what a slice needs, and a stopped one resumes."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from strata.build import audit_and_publish, check_inputs, refuse_days_to_come
from strata.console import say, step
from strata.dbt_runner import run_dbt
from strata.engines import PublishingEngine, open_publisher
from strata.errors import InputError
from strata.ledger import Publication
from strata.lock import build_lock
from strata.project import Project

JOURNAL = "backfill.json"
"""What is done of a backfill, in the warehouse folder. Losing it costs time and nothing else: the slices begin anew."""


def slices(start: date, end: date, days: int) -> list[date]:
    """The last days of the slices of [start, end], each of so many days, the last one maybe shorter.

    Raises InputError when the stretch is empty or a slice has no day.
    """
    if start > end:
        raise InputError(f"--from {start} is later than --to {end}", "give the earlier day first")
    if days < 1:
        raise InputError(f"a slice of {days} days holds nothing", "give --slice-days 1 or more")
    ends = []
    last = start + timedelta(days - 1)
    while last < end:
        ends.append(last)
        last += timedelta(days)
    return [*ends, end]


def backfill(project: Project, start: date | None, slice_days: int, skip_raw_check: bool = False) -> Publication:
    """Works out every snapshot from `start` to the project's day again, slice by slice, then audits and publishes.

    start: else the first day of history. Each slice is a run as of its last day; the rows of later days come with the
    slices after it. Readers see nothing before the last slice is audited. Run again after a failure or a kill, it goes
    on with the slice that was not finished.
    Raises InputError when the days make no sense or are still to come, or the inputs block, BuildError or AuditError as
    a build does.
    """
    refuse_days_to_come(project.as_of)
    first_day = project.history_start
    start = first_day if start is None else start
    if start < first_day:
        raise InputError(
            f"--from {start} is before history_start_date {first_day}",
            f"set history_start_date to {start} in dbt_project.yml; every later run has to know it, too",
        )
    ends = slices(start, project.as_of, slice_days)
    with build_lock(project.warehouse), open_publisher(project) as engine, engine.lock():
        engine.heal()
        check_inputs(project, skip_raw_check)
        plan = {"from": start.isoformat(), "to": project.as_of.isoformat(), "slice_days": slice_days}
        done = _done(project, plan)
        if done:
            say(f"  {done} of {len(ends)} slices were done before")
        for number, end in enumerate(ends[done:-1], start=done):
            with step(f"slice {number + 1} of {len(ends)}, as of {end}"):
                _run(project, engine, end, start if number == 0 else None, with_tests=False)
            _write(project, plan, number + 1)
        with step(f"slice {len(ends)} of {len(ends)}, as of {project.as_of}"):
            _run(project, engine, project.as_of, start if len(ends) == 1 else None, with_tests=True)
        publication = audit_and_publish(project, engine)
    (project.warehouse / JOURNAL).unlink(missing_ok=True)
    return publication


def _run(project: Project, engine: PublishingEngine, as_of: date, since: date | None, with_tests: bool) -> None:
    """One slice: a build as of its last day. since: from when on it must not rely on what stands."""
    more: dict[str, Any] = {"as_of_date": as_of.isoformat()}
    if since is not None:
        more["rebuild_since"] = since.isoformat()
    variables: Mapping[str, Any] = {**project.variables, **more}
    slice_project = replace(
        project,
        as_of=as_of,
        variables=MappingProxyType(variables),
        overrides=MappingProxyType({**project.overrides, **more}),
    )
    kinds = ["unit_test"] if with_tests else ["unit_test", "test"]
    flags = [word for kind in kinds for word in ("--exclude-resource-type", kind)]
    run_dbt(slice_project, ["build", *flags], "dbt nodes", engine.environment)


def _done(project: Project, plan: Mapping[str, Any]) -> int:
    """How many slices of this very plan are done."""
    try:
        journal = json.loads((project.warehouse / JOURNAL).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0
    return int(journal["done"]) if journal.get("plan") == plan else 0


def _write(project: Project, plan: Mapping[str, Any], done: int) -> None:
    path = project.warehouse / JOURNAL
    path.write_text(json.dumps({"plan": plan, "done": done}), encoding="utf-8")
