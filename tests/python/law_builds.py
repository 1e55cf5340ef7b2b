"""One small generated company and the builds of it that the tests of the laws share, each made once a session.

All builds of a process run models alone, one after the other in one place: the raw folder is a link that is turned to
the company of the moment, so that dbt parses the project once and not once a build. The seeds,
which no test of a law changes, are loaded once. What was built is shared by all processes of the session: whoever
writes takes a copy.

The fixtures that make them are in law_fixtures.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml
from dbt_runs import Run, start_dbt
from filelock import FileLock
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
    "fct_account_economics",
    "fct_account_matches",
    "fct_account_mrr",
    "fct_attention_gaps",
    "fct_buying_stages",
    "fct_churn_risk",
    "fct_csm_portfolios",
    "fct_disagreements",
    "fct_feed_records",
    "fct_friction_watch",
    "fct_health_overrides",
    "fct_health_parents",
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
    "fct_override_hit_rates",
    "fct_process_exceptions",
    "fct_recommended_actions",
    "fct_rejected_rows",
    "fct_revenue_retention",
    "fct_segment_assignments",
    "fct_segment_disagreements",
    "fct_segment_economics",
    "fct_segment_migrations",
    "fct_segment_overrides",
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
    """The place where builds run, one after the other. place: its folder, one a process of the tests; results: where
    what was built goes, which other processes may share."""

    place: Path
    results: Path

    @property
    def database(self) -> Path:
        """The file that dbt builds in."""
        return self.place / "build.duckdb"

    def build(
        self,
        name: str,
        raw: Path,
        *,
        as_of: dt.date = AS_OF,
        without: tuple[str, ...] = (),
        with_tests: bool = False,
        select: str | None = None,
        after: LawBuild | None = None,
    ) -> LawBuild:
        """Builds all models on a raw folder, with the systems of the project except those left out.

        A build of this name that is there is taken: nobody writes into it. with_tests: the data tests too; a failing
        one fails the build. select: these models alone, in dbt's words. after: on what this build left, else on nothing
        but the seeds. Fails the test with dbt's own words.
        """
        kept = self.results / name
        kept.mkdir(parents=True, exist_ok=True)
        database, manifest = kept / "build.duckdb", kept / "manifest.json"
        variables = self._variables(raw, without)
        with FileLock(kept / "lock"):
            if not manifest.exists():
                self.begin(after.database if after is not None else self._seeds(raw))
                kinds = ["unit_test", "seed"] if with_tests else ["unit_test", "seed", "test"]
                if "zendesk" not in without:
                    score_tickets(load_project(ROOT, raw_dir=raw))
                excluded = [word for kind in kinds for word in ("--exclude-resource-type", kind)]
                chosen = [] if select is None else ["--select", select]
                self._start(["build", *chosen, *excluded], variables, as_of).succeed()
                self._settle_views(raw)
                self.database.replace(database)
                shutil.copyfile(self._target(variables) / "manifest.json", kept / "manifest.part")
                (kept / "manifest.part").replace(manifest)
        return LawBuild("generated", variables, database, raw, manifest)

    def begin(self, database: Path | None = None) -> None:
        """Puts a copy of a database where dbt builds, else one with the seeds alone."""
        self.place.mkdir(parents=True, exist_ok=True)
        self.database.with_name("build.duckdb.wal").unlink(missing_ok=True)
        shutil.copyfile(database or self._seeds(self.place), self.database)

    def start(self, raw: Path, as_of: dt.date, *words: str) -> Run:
        """Starts dbt on a raw folder and what the last run left."""
        score_tickets(load_project(ROOT, raw_dir=raw))
        return self._start(words, self._variables(raw), as_of)

    def _seeds(self, raw: Path) -> Path:
        seeds = self.results / "seeds.duckdb"
        self.place.mkdir(parents=True, exist_ok=True)
        self.results.mkdir(parents=True, exist_ok=True)
        with FileLock(self.results / "seeds.lock"):
            if not seeds.exists():
                self.database.unlink(missing_ok=True)
                self._start(["seed"], self._variables(raw), AS_OF).succeed()
                self.database.replace(seeds)
        return seeds

    def _variables(self, raw: Path, without: tuple[str, ...] = ()) -> dict[str, Any]:
        """The vars of a build; the link to the raw folder is turned to it."""
        self.place.mkdir(parents=True, exist_ok=True)
        link = self.place / "raw"
        link.unlink(missing_ok=True)
        link.symlink_to(raw, target_is_directory=True)
        variables: dict[str, Any] = {"raw_dir": str(link), "history_start_date": HISTORY_START.isoformat()}
        if without:
            project = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
            systems = project["vars"]["systems"]
            variables["systems"] = {system: offer for system, offer in systems.items() if system not in without}
        return variables

    def _settle_views(self, raw: Path) -> None:
        """Lets views of raw files read the folder itself: the link to it is turned by the next build, perhaps while
        another process reads this one."""
        link = str(self.place / "raw")
        with duckdb.connect(str(self.database)) as connection:
            views = connection.execute("select sql from duckdb_views() where not internal and contains(sql, ?)", [link])
            for (sql,) in views.fetchall():
                settled = str(sql).replace(link, str(raw))
                connection.execute(settled.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1))

    def _target(self, variables: dict[str, Any]) -> Path:
        """A folder for the same vars, as dbt parses anew whenever they are others than the last time."""
        return self.place / hashlib.sha256(json.dumps(variables, sort_keys=True).encode()).hexdigest()[:12]

    def _start(self, words: Sequence[str], variables: dict[str, Any], as_of: dt.date) -> Run:
        target = self._target(variables)
        return start_dbt(words, database=self.database, target=target, variables=variables, as_of=as_of)
