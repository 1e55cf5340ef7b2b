"""Readers get what a whole run built, for its own day: what every run says of itself, and what commands make of it.

On a project of one model for readers, one test and one seed, with the hooks and macros of the real one.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
import yaml
from conftest import Ended, digest, read_ledger
from dbt_runs import copy_parts, start_dbt
from strata.engines.duckdb import DuckDBEngine
from strata.last_build import whole_build
from strata.project import load_project

Strata = Callable[..., Ended]

# Not the day of var as_of_date: a scheduled run names its own.
DAY = dt.date(2026, 7, 15)
DAY_THAT_FAILS = dt.date(2026, 7, 16)

THINGS = "select cast(1 as integer) as id, max(snapshot_date) as seen_on from {{ ref('int_snapshots') }}"
THINGS_YML = """
models:
  - name: dim_things
    description: One row per thing.
    columns:
      - {name: id, data_type: integer, data_tests: [not_null]}
      - {name: seen_on, data_type: date}
  - name: of_a_system_that_is_off
    columns:
      - {name: id, data_tests: [not_null]}
"""


@dataclass(frozen=True)
class Little:
    """The project, and the file of a whole build of it."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "warehouse" / "build.duckdb"

    @property
    def published(self) -> Path:
        return self.root / "warehouse" / "strata.duckdb"

    def dbt(self, *words: str, as_of: dt.date = DAY) -> int:
        """Runs a dbt command to its end and gives its exit code."""
        code, _ = start_dbt(
            words, database=self.database, target=self.root / "target", as_of=as_of, root=self.root
        ).wait()
        return code

    def said(self) -> list[tuple[str, dt.date]]:
        """What the build says of the whole run that made it; nothing when none did."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            there = connection.execute("select 1 from duckdb_tables() where table_name = 'whole_build'").fetchall()
            said = "select invocation_id, as_of_date from main_features.whole_build"
            return connection.execute(said).fetchall() if there else []


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Little:
    root = tmp_path_factory.mktemp("little")
    snapshots = "models/features/time/int_snapshots.sql"
    copy_parts(root, "dbt_project.yml", "profiles.yml", "macros", "models/_groups.yml", snapshots)
    marts, seeds, tests = root / "models" / "marts", root / "seeds" / "policy", root / "tests"
    for folder in (marts, seeds, tests, root / "warehouse"):
        folder.mkdir(parents=True)
    (marts / "dim_things.sql").write_text(THINGS)
    (marts / "of_a_system_that_is_off.sql").write_text("{{ config(enabled=false) }} select 1 as id")
    (marts / "_things.yml").write_text(THINGS_YML)
    (seeds / "policy_versions.csv").write_text("policy_version,valid_from,valid_to\nv1,2000-01-01,2050-01-01\n")
    (tests / "a_day_that_fails.sql").write_text(
        f"select * from {{{{ ref('dim_things') }}}} where seen_on = cast('{DAY_THAT_FAILS}' as date)"
    )
    little = Little(root)
    assert little.dbt("build") == 0
    shutil.copyfile(little.database, root / "whole.duckdb")
    return little


@pytest.fixture
def little(made: Little) -> Little:
    """The project as a whole build left it, with nothing published."""
    shutil.copyfile(made.root / "whole.duckdb", made.database)
    made.published.unlink(missing_ok=True)
    return made


def test_a_whole_build_says_which_run_it_was_and_for_which_day(little: Little) -> None:
    assert little.dbt("build") == 0
    results = json.loads((little.root / "target" / "run_results.json").read_text())
    assert little.said() == [(results["metadata"]["invocation_id"], DAY)]


@pytest.mark.parametrize(
    "words", [["test"], ["build", "--resource-type", "test"], ["compile"], ["docs", "generate"]], ids=" ".join
)
def test_what_changes_no_table_leaves_a_whole_build_one(little: Little, words: list[str]) -> None:
    whole = little.said()
    assert little.dbt(*words) == 0
    assert little.said() == whole != []


@pytest.mark.parametrize(
    "words",
    [
        ["run"],
        ["seed"],
        ["run", "--select", "dim_things"],
        ["build", "--select", "int_snapshots"],
        ["build", "--exclude-resource-type", "test"],
        ["build", "--exclude", "a_day_that_fails"],
        ["build", "--empty"],
    ],
    ids=" ".join,
)
def test_a_part_of_a_build_is_no_whole_one(little: Little, words: list[str]) -> None:
    assert little.dbt(*words) == 0
    assert little.said() == []
    assert little.dbt("build") == 0
    assert little.said() != []


def test_a_build_whose_test_fails_is_no_whole_one_and_is_not_published_by_hand(little: Little, strata: Strata) -> None:
    assert strata("publish", "--project-dir", little.root).code == 0
    before = digest(little.published)
    assert little.dbt("build", as_of=DAY_THAT_FAILS) == 1
    assert little.said() == []
    ended = strata("publish", "--project-dir", little.root)
    assert ended.code == 2
    assert "was not a whole build" in ended.err
    assert "remedy: run `strata build`" in ended.err
    assert "→ audit" not in ended.err
    assert digest(little.published) == before


def test_where_nothing_was_built_that_is_said(little: Little, strata: Strata) -> None:
    little.database.unlink()
    ended = strata("publish", "--project-dir", little.root)
    assert ended.code == 2
    assert "int_snapshots cannot be read" in ended.err
    assert "run `strata build` first" in ended.err


# --- the systems of the build -----------------------------------------------------------------------------------------


def test_what_was_built_of_other_systems_is_not_published(little: Little, strata: Strata) -> None:
    company = little.root / "models" / "staging" / "acme" / "company.yml"
    company.parent.mkdir(parents=True, exist_ok=True)
    company.write_text("systems: {acme: {raw: [a], canonical: []}}\n")
    place = ["--project-dir", little.root, "--warehouse", little.root / "warehouse"]
    ended = strata("publish", *place, "--company", "acme")
    assert ended.code == 1
    assert "error: the last build was made of qualtrics, salesforce," in ended.err
    assert "and not of acme; nothing was published" in ended.err
    assert "remedy: name its --company or --warehouse, " in ended.err
    assert not little.published.exists()
    assert strata("publish", *place).code == 0


def test_other_vars_and_another_order_of_the_systems_are_not_asked(little: Little, strata: Strata) -> None:
    """Who gives vars to dbt alone publishes what came out."""
    systems = yaml.safe_load((little.root / "dbt_project.yml").read_text())["vars"]["systems"]
    company = little.root / "models" / "staging" / "acme" / "company.yml"
    company.parent.mkdir(parents=True, exist_ok=True)
    words = {"history_start_date": "2023-01-01", "systems": dict(reversed(systems.items()))}
    company.write_text(yaml.safe_dump(words, sort_keys=False))
    place = ["--project-dir", little.root, "--warehouse", little.root / "warehouse"]
    ended = strata("publish", *place, "--company", "acme")
    assert ended.code == 0, ended.err


def test_a_build_of_a_version_that_did_not_say_its_systems_is_published(little: Little, strata: Strata) -> None:
    with duckdb.connect(str(little.database)) as connection:
        connection.execute("alter table main_features.whole_build drop column systems")
    assert strata("publish", "--project-dir", little.root).code == 0


def test_a_target_may_have_a_name_with_a_hyphen(little: Little) -> None:
    manifest = json.loads((little.root / "target" / "manifest.json").read_text())
    assert whole_build(DuckDBEngine(load_project(little.root), "my-target", {}), manifest).as_of == DAY


# --- the day of the build, whatever var as_of_date says ---------------------------------------------------------------


def test_what_is_published_has_the_day_and_the_run_of_the_build(little: Little, strata: Strata) -> None:
    ((run, _),) = little.said()
    # The manifest is then that of another run.
    assert little.dbt("compile", as_of=dt.date(2026, 6, 30)) == 0
    assert strata("publish", "--project-dir", little.root).code == 0
    assert strata("publish", "--project-dir", little.root, "--as-of", DAY.isoformat()).code == 0
    published = read_ledger(little.published)
    assert [(entry.as_of_date, entry.dbt_invocation_id) for entry in published] == [(DAY, run)] * 2


def test_the_audit_is_for_the_day_of_the_build_and_needs_no_whole_one(little: Little, strata: Strata) -> None:
    assert little.dbt("run", "--select", "int_snapshots", as_of=DAY_THAT_FAILS) == 0
    ended = strata("audit", "--project-dir", little.root)
    assert ended.code == 0, ended.err
    results = max((little.root / "reports" / "audit").glob("*.json"), key=lambda path: path.stat().st_mtime)
    assert json.loads(results.read_text())["as_of"] == DAY_THAT_FAILS.isoformat()


@pytest.mark.parametrize("command", [["publish"], ["audit"], ["simulate", "--policy", "anywhere"], ["calibrate"]])
def test_another_day_than_that_of_the_build_is_refused(little: Little, strata: Strata, command: list[str]) -> None:
    ended = strata(*command, "--project-dir", little.root, "--as-of", "2026-06-30")
    assert ended.code == 1
    assert "the last build is as of 2026-07-15, not 2026-06-30" in ended.err
    assert "remedy: leave --as-of out, or run `strata build --as-of 2026-06-30` first" in ended.err
    assert not little.published.exists()
