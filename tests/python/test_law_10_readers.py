"""Laws 9 and 10 through the command line: whatever goes wrong, readers see one whole build, and the next run heals.

A project of its own (a copy, so that its policy may be spoilt) with a published file. A reader reads it all the time,
while builds and publications are killed at random moments. Two states of the company are published in turn, so that a
reading that mixes them would show.
"""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import Ended, digest
from dbt_runs import copy_parts
from law_builds import AS_OF, HISTORY_START, PUBLIC_TABLES, Company, D, LawBuild
from law_reader import LEDGER, reading
from real_builds import ROOT
from strata.feed import TABLE as FEED

pytest_plugins = ["law_fixtures"]

Strata = Callable[..., Ended]
Reading = dict[str, list[Any]]

BUILD_KILLS = (("→ check raw", 2.0), ("dbt nodes", 3.0))
"""What a build says before it is killed, at most so many seconds later: in the gate, amid the models."""

PUBLISH_KILLS = (0.05, 0.35, 0.6)
"""How long after a publication has begun it is killed, at most, in seconds. It takes about one."""


@dataclass(frozen=True)
class Place:
    """A project, a raw folder and a warehouse."""

    project: Path
    raw: Path
    warehouse: Path

    @property
    def published(self) -> Path:
        return self.warehouse / "strata.duckdb"

    def options(self, as_of: object, raw: Path | None = None) -> list[str]:
        """The options of a build."""
        paths = [
            "--project-dir",
            str(self.project),
            "--raw-dir",
            str(raw or self.raw),
            "--warehouse",
            str(self.warehouse),
        ]
        return [*paths, "--as-of", str(as_of)]

    def start(self, command: str, as_of: object, *flags: str) -> subprocess.Popen[str]:
        """Starts `strata build` or `strata publish`; what it says comes through stderr."""
        options = self.options(as_of)
        if command == "publish":
            options = [word for word in options if word not in ("--raw-dir", str(self.raw))]
        # A pipe that nobody empties would stop the run; the few lines that it says fit into it.
        return subprocess.Popen(
            [sys.executable, "-m", "strata", command, *flags, *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def take(self, build: LawBuild) -> None:
        """Puts the result of another build where this project's last one would be, ready to be published."""
        (self.warehouse / "target").mkdir(parents=True, exist_ok=True)
        shutil.copyfile(build.database, self.warehouse / "build.duckdb")
        shutil.copyfile(build.manifest, self.warehouse / "target" / "manifest.json")
        # The builds that tests share leave the seeds and the tests out; this one is to be taken for a whole one.
        with duckdb.connect(str(self.warehouse / "build.duckdb")) as connection:
            connection.execute(
                "create table main_features.whole_build as select 'test' as invocation_id, snapshot_date as as_of_date"
                " from main_features.int_snapshots where is_current"
            )


class Reader:
    """A process that reads the published file over and over."""

    def __init__(self, file: Path, work: Path) -> None:
        self._stop, self._lines = work / "stop", work / "readings.jsonl"
        with self._lines.open("w") as out:
            script = str(Path(__file__).with_name("law_reader.py"))
            self._process = subprocess.Popen([sys.executable, script, str(file), str(self._stop)], stdout=out)

    def readings(self) -> list[Reading]:
        """Stops the process and returns all it has read."""
        self._stop.touch()
        assert self._process.wait(timeout=60) == 0
        return [json.loads(line) for line in self._lines.read_text().splitlines()]


@pytest.fixture(scope="module")
def place(company: Company, as_of_d: LawBuild, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The project with the older state published."""
    folder = tmp_path_factory.mktemp("readers")
    project = folder / "project"
    of_dbt = ("tests/config", "tests/generic", "tests/integrity", "tests/value")
    copy_parts(project, "profiles.yml", "models", "macros", "seeds", *of_dbt)
    settings = (ROOT / "dbt_project.yml").read_text(encoding="utf-8")
    start = 'history_start_date: "2024-07-01"'
    assert start in settings
    (project / "dbt_project.yml").write_text(settings.replace(start, f'history_start_date: "{HISTORY_START}"'))
    made = Place(project, company.folder, folder / "warehouse")
    made.take(as_of_d)
    finish(made.start("publish", D))
    return made


def state_of(build: LawBuild) -> Reading:
    """What a reader sees of a build once it is published, but for the ledger."""
    return {name: seen for name, seen in reading(build.database).items() if name in PUBLIC_TABLES}


def without_ledger(seen: Reading) -> Reading:
    """Without what remembers: the ledger and the change feed."""
    return {name: content for name, content in seen.items() if name not in (LEDGER, FEED)}


def kill_after(process: subprocess.Popen[str], words: str, moment: float, may_have_ended: bool = False) -> None:
    """Kills the process with -9 so many seconds after it has said the words; it must still be at work, unless told."""
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            break
    else:
        pytest.fail(f"it never said {words!r}")
    time.sleep(moment)
    assert may_have_ended or process.poll() is None, f"it had ended {moment:.2f} s after {words!r}"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stderr.close()


# --- law 9 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "row", "old", "new", "message"),
    [
        ("score_weights.csv", 2, ",14,", ",13,", "99"),
        ("bands.csv", 3, ",500,", ",600,", "500 to 600"),
        ("rule_conditions.csv", 3, ",value_band,", ",valueband,", "valueband"),
    ],
    ids=["weights of 99 %", "gap", "unknown attribute"],
)
def test_a_broken_policy_is_refused_by_file_and_row_before_any_table_changes(
    place: Place, strata: Strata, file: str, row: int, old: str, new: str, message: str
) -> None:
    seed = place.project / "seeds" / "policy" / file
    sound = seed.read_text(encoding="utf-8")
    lines = sound.splitlines()
    assert old in lines[row - 1]
    lines[row - 1] = lines[row - 1].replace(old, new)
    built, published = digest(place.warehouse / "build.duckdb"), digest(place.published)
    try:
        seed.write_text("\n".join(lines) + "\n", encoding="utf-8")
        ended = strata("build", *place.options(AS_OF))
    finally:
        seed.write_text(sound, encoding="utf-8")
    assert ended.code == 1
    assert ended.out == ""
    assert f"{file}, row {row}" in ended.err
    assert message in ended.err
    assert "remedy: " in ended.err
    assert "→ check raw" not in ended.err
    assert digest(place.warehouse / "build.duckdb") == built
    assert digest(place.published) == published


# --- law 10 ----------------------------------------------------------------------------------------------------------


def test_readers_see_whole_builds_only_whenever_a_run_is_killed(
    place: Place, as_of_d: LawBuild, base: LawBuild, tmp_path: Path
) -> None:
    """Kills in every step of a build and of a publication, a reader beside them; the next run heals each time."""
    older, newer = state_of(as_of_d), state_of(base)
    assert older != newer
    chance = random.Random(31)

    # Builds that are killed: what is published stays as it is.
    before = digest(place.published)
    reader = Reader(place.published, tmp_path)
    for words, longest in BUILD_KILLS:
        kill_after(place.start("build", AS_OF), words, chance.uniform(0, longest))
        assert digest(place.published) == before, f"killed after {words!r}"
    # What the last of them left is no whole build, and nobody can publish it by hand.
    refused = place.start("publish", AS_OF)
    _, said = refused.communicate(timeout=300)
    assert refused.returncode == 2, said
    assert "was not a whole build" in said
    assert digest(place.published) == before
    seen = reader.readings()
    assert len(seen) > 10
    assert {json.dumps(one) for one in seen} == {json.dumps(reading(place.published))}
    assert without_ledger(seen[0]) == older

    # The next run heals, and gives what an undisturbed one gives.
    (tmp_path / "healed").mkdir()
    reader = Reader(place.published, tmp_path / "healed")
    finish(place.start("build", AS_OF, "--skip-raw-check"))
    seen = reader.readings()
    assert all(without_ledger(one) in (older, newer) for one in seen)
    assert without_ledger(seen[0]) == older
    assert without_ledger(seen[-1]) == newer
    assert seen[-1][LEDGER][0] == seen[0][LEDGER][0] + 1

    # Publications that are killed: the one state or the other, never a mixture.
    (tmp_path / "publish").mkdir()
    reader = Reader(place.published, tmp_path / "publish")
    place.take(as_of_d)
    for longest in PUBLISH_KILLS:
        kill_after(place.start("publish", D), "→ publish", chance.uniform(0, longest), may_have_ended=True)
        assert without_ledger(reading(place.published)) in (older, newer)
    finish(place.start("publish", D))
    seen = reader.readings()
    assert all(without_ledger(one) in (older, newer) for one in seen)
    assert without_ledger(seen[0]) == newer
    assert without_ledger(seen[-1]) == older
    assert not list(place.warehouse.glob(".strata.duckdb.*"))


def finish(process: subprocess.Popen[str]) -> None:
    """Waits for a run that must succeed."""
    _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
