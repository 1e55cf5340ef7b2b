"""One small generated company and the builds of it that the tests of the laws share, each made once a session.

All builds run models alone, one after the other in one place: the raw folder is a link that is turned to the company of
the moment, so that dbt parses the project once and not once a build. The seeds, which no test of a law changes, are
loaded once.

The fixtures that make them are in law_fixtures.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from law_raw import Raw
from real_builds import ROOT, Build
from strata.project import load_project
from strata.sentiment import score_tickets

AS_OF = dt.date(2026, 6, 30)
HISTORY_START = dt.date(2025, 4, 1)
# A day amid the history, for the law that nothing peeks beyond it. A Sunday, so that a run as of D takes the same
# snapshots as a later one; the month it lies in is not over.
D = dt.date(2026, 3, 15)

ACCOUNTS, MONTHS, SEED, EVENTS = 120, 15, 5, 1_000.0

PUBLIC_TABLES = (
    "dim_accounts",
    "dim_segments",
    "fct_account_matches",
    "fct_account_mrr",
    "fct_attention_gaps",
    "fct_churn_risk",
    "fct_csm_portfolios",
    "fct_disagreements",
    "fct_feed_records",
    "fct_health_parents",
    "fct_health_overrides",
    "fct_health_score_changes",
    "fct_health_score_components",
    "fct_health_scores",
    "fct_health_validation",
    "fct_invoice_differences",
    "fct_journey_durations",
    "fct_journey_friction",
    "fct_journey_milestones",
    "fct_journey_stages",
    "fct_mrr_movements",
    "fct_process_exceptions",
    "fct_recommended_actions",
    "fct_rejected_rows",
    "fct_revenue_retention",
    "fct_segment_assignments",
    "fct_segment_disagreements",
    "fct_segment_economics",
    "fct_segment_migrations",
)
"""What readers get; a test holds the list against the build."""


@dataclass(frozen=True)
class Company:
    """A generated company: its raw folder, with the planted truth in `_truth`, and its rows."""

    folder: Path
    rows: Raw

    def truth(self, table: str) -> str:
        """A table of the planted truth as SQL reads it."""
        return f"read_parquet('{self.folder}/_truth/{table}.parquet')"


@dataclass(frozen=True)
class LawBuild(Build):
    """A finished build, the raw folder it read and dbt's manifest of it (None where only SQL is asked of it)."""

    raw: Path = field(default=Path())
    manifest: Path = field(default=Path())

    def compiled(self, model: str) -> str:
        """The SQL of a model as dbt ran it."""
        return str(_nodes(self.manifest)[f"model.strata.{model}"]["compiled_code"])


@cache
def _nodes(manifest: Path) -> dict[str, Any]:
    nodes: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    return nodes


@dataclass
class Workshop:
    """The one place where builds run. place: its folder; results go to folders beside it."""

    place: Path
    results: Path

    def build(
        self,
        name: str,
        raw: Path,
        *,
        as_of: dt.date = AS_OF,
        without: tuple[str, ...] = (),
        with_tests: bool = False,
        select: str | None = None,
    ) -> LawBuild:
        """Builds all models on a raw folder, with the systems of the project except those left out.

        with_tests: the data tests too; a failing one fails the build. select: these models alone, in dbt's words. Fails
        the test with dbt's own words.
        """
        self.place.mkdir(parents=True, exist_ok=True)
        link = self.place / "raw"
        link.unlink(missing_ok=True)
        link.symlink_to(raw, target_is_directory=True)
        seeds, database = self.place / "seeds.duckdb", self.place / "build.duckdb"
        variables: dict[str, Any] = {
            "raw_dir": str(link), "as_of_date": as_of.isoformat(), "history_start_date": HISTORY_START.isoformat(),
        }  # fmt: skip
        if without:
            project = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
            systems = project["vars"]["systems"]
            variables["systems"] = {system: offer for system, offer in systems.items() if system not in without}
        if "zendesk" not in without:
            score_tickets(load_project(ROOT, raw_dir=raw))
        if not seeds.exists():
            self._dbt(variables, "seed")
            shutil.copyfile(database, seeds)
        shutil.copyfile(seeds, database)
        kinds = ["unit_test", "seed"] if with_tests else ["unit_test", "seed", "test"]
        chosen = [] if select is None else ["--select", select]
        self._dbt(variables, "build", *chosen, *[word for kind in kinds for word in ("--exclude-resource-type", kind)])
        kept = self.results / name
        kept.mkdir(parents=True)
        database.replace(kept / "build.duckdb")
        shutil.copyfile(self.place / "target" / "manifest.json", kept / "manifest.json")
        return LawBuild("generated", variables, kept / "build.duckdb", raw, kept / "manifest.json")

    def _dbt(self, variables: dict[str, Any], verb: str, *flags: str) -> None:
        command = [
            str(Path(sys.executable).with_name("dbt")), verb, *flags,
            "--project-dir", str(ROOT), "--profiles-dir", str(ROOT),
            "--target-path", str(self.place / "target"), "--log-path", str(self.place / "logs"),
            "--vars", json.dumps(variables, sort_keys=True),
        ]  # fmt: skip
        environment = {**os.environ, "STRATA_BUILD_DB": str(self.place / "build.duckdb"), "DO_NOT_TRACK": "1"}
        finished = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if finished.returncode != 0:
            pytest.fail(f"dbt {verb} failed:\n{finished.stdout[-4000:]}\n{finished.stderr[-1000:]}")
