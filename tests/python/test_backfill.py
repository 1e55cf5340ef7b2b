"""Backfills: slices, resuming, and the same tables as one full refresh."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import strata.backfill as backfills
from conftest import Ended, Shop
from hypothesis import given
from hypothesis import strategies as st
from strata.errors import BuildError, InputError
from strata.project import Project

START, END = dt.date(2026, 1, 1), dt.date(2026, 6, 30)


@given(st.dates(dt.date(2020, 1, 1), dt.date(2026, 1, 1)), st.integers(0, 900), st.integers(1, 1_000))
def test_slices_follow_each_other_and_end_on_the_last_day(start: dt.date, length: int, days: int) -> None:
    end = start + dt.timedelta(length)
    ends = backfills.slices(start, end, days)
    assert ends[-1] == end
    assert ends == sorted(set(ends))
    assert all(
        (later - earlier).days <= days for earlier, later in zip([start - dt.timedelta(1), *ends], ends, strict=False)
    )
    assert len(ends) == -(-(length + 1) // days)


@pytest.mark.parametrize(("start", "end", "days"), [(END, START, 10), (START, END, 0)])
def test_a_stretch_that_holds_nothing_is_refused(start: dt.date, end: dt.date, days: int) -> None:
    with pytest.raises(InputError):
        backfills.slices(start, end, days)


@dataclass
class Runs:
    """What dbt was asked to do instead of doing it. fail_at: the day whose run fails."""

    asked: list[tuple[str, str | None]]
    fail_at: str | None = None

    def __call__(self, project: Project, command: list[str], label: str, environment: Any) -> None:
        day = str(project.overrides["as_of_date"])
        if day == self.fail_at:
            raise BuildError("stopped", "")
        self.asked.append((day, project.overrides.get("rebuild_since")))


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    runs = Runs([])
    monkeypatch.setattr(backfills, "run_dbt", runs)
    monkeypatch.setattr(backfills, "check_inputs", lambda project, skip: None)
    monkeypatch.setattr(backfills, "audit_and_publish", lambda project, engine: "published")
    return runs


def _project(shop: Shop) -> Project:
    project = shop.project()
    return replace(project, variables={**project.variables, "history_start_date": START.isoformat()})


def test_a_backfill_that_stopped_goes_on_with_the_slice_that_was_not_done(shop: Shop, runs: Runs) -> None:
    project = _project(shop)
    runs.fail_at = "2026-04-30"
    with pytest.raises(BuildError):
        backfills.backfill(project, None, 60)
    assert runs.asked == [("2026-03-01", "2026-01-01")]
    runs.fail_at, runs.asked = None, []
    assert backfills.backfill(project, None, 60) == "published"
    assert runs.asked == [("2026-04-30", None), ("2026-06-29", None), ("2026-06-30", None)]
    assert not (project.warehouse / backfills.JOURNAL).exists()


def test_another_plan_begins_anew(shop: Shop, runs: Runs) -> None:
    project = _project(shop)
    project.warehouse.mkdir(parents=True, exist_ok=True)
    (project.warehouse / backfills.JOURNAL).write_text(json.dumps({"plan": {"from": "2020-01-01"}, "done": 1}))
    backfills.backfill(project, dt.date(2026, 5, 1), 60)
    assert runs.asked == [("2026-06-29", "2026-05-01"), ("2026-06-30", None)]


def test_days_before_the_history_are_refused_with_the_remedy(shop: Shop, runs: Runs) -> None:
    with pytest.raises(InputError, match="history_start_date 2026-01-01"):
        backfills.backfill(_project(shop), dt.date(2025, 12, 31), 60)


def test_the_command_says_what_is_no_date(shop: Shop, strata: Callable[..., Ended], tmp_path: Path) -> None:
    ended = strata("backfill", "--project-dir", shop.root, "--from", "spring")
    assert ended.code == 1
    assert "--from `spring` is not a date" in ended.err
