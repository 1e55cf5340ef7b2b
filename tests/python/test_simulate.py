"""What-if: another policy on the features of a build; adopted, it gives the tables that were simulated."""

from __future__ import annotations

import csv
import errno
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import duckdb
import pytest
from conftest import digest
from dbt_runs import start_dbt
from law_builds import AS_OF, HISTORY_START, PUBLIC_TABLES, Company, LawBuild
from real_builds import ROOT
from strata.errors import InputError, StrataError
from strata.lock import folder_lock
from strata.project import Project, load_project
from strata.publish import STORAGE_HEADER, storage_header
from strata.simulate import SHOWN_MOVES, Simulation, _clean_up, report, simulate

pytest_plugins = ["law_fixtures"]

SEEDS = ROOT / "seeds"
# Made by everything before the policy; a policy that is simulated does not change them.
UNTOUCHED = ("fct_account_matches", "fct_account_mrr", "fct_mrr_movements", "fct_rejected_rows")


def _edited(folder: Path, file: str, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    """Changes the rows of a seed."""
    path = folder / file
    with path.open(encoding="utf-8", newline="") as opened:
        rows = [change(row) for row in csv.DictReader(opened)]
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped policy with other value and health bands, no stability of the touch model, and a currency more."""
    folder = tmp_path_factory.mktemp("other") / "policy"
    shutil.copytree(SEEDS / "policy", folder)
    edges = {("value", "500"): "800", ("value", "2500"): "1500", ("health", "65"): "70"}

    def other_bands(row: dict[str, str]) -> dict[str, str]:
        bounds = {side: edges.get((row["band_set"], row[side]), row[side]) for side in ("lower_bound", "upper_bound")}
        return {**row, **bounds}

    def at_once(row: dict[str, str]) -> dict[str, str]:
        if row["segment_scheme"] != "touch_model":
            return row
        return {**row, "confirm_up_snapshots": "1", "confirm_down_snapshots": "1", "minimum_tenure_days": ""}

    _edited(folder, "bands.csv", other_bands)
    _edited(folder, "segment_stability.csv", at_once)
    with (folder / "currency_rates.csv").open("a", encoding="utf-8") as file:
        file.write("XTS,2,1,2000-01-01,,v1\n")
    return folder


@pytest.fixture(scope="module")
def project(company: Company, day_after_day: LawBuild, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A warehouse as it stands after a daily run: most of it is older, and only what that run needed is new."""
    warehouse = tmp_path_factory.mktemp("warehouse")
    (warehouse / "target").mkdir()
    shutil.copyfile(day_after_day.database, warehouse / "build.duckdb")
    shutil.copyfile(day_after_day.manifest, warehouse / "target" / "manifest.json")
    # The day of the var is another one than that of the build, as it is where runs are scheduled.
    loaded = load_project(ROOT, raw_dir=company.folder, as_of="2026-07-15", warehouse=warehouse)
    overrides = {**loaded.overrides, "history_start_date": HISTORY_START.isoformat()}
    return replace(loaded, overrides=MappingProxyType(overrides))


@pytest.fixture(scope="module")
def simulated(project: Project, policy: Path, tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    before = digest(project.build_db)
    found = simulate(project, policy, tmp_path_factory.mktemp("simulation"))
    assert found.as_of == AS_OF
    assert digest(project.build_db) == before
    assert not project.published_db.exists()
    assert sorted(path.name for path in found.result.parent.iterdir()) == ["report.md", "simulation.duckdb"]
    assert storage_header(found.result) == STORAGE_HEADER
    return found


@pytest.fixture(scope="module")
def adopted(company: Company, policy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build from the raw rows with the other policy in the place of the shipped one."""
    place = tmp_path_factory.mktemp("adopted")
    root = place / "project"
    root.mkdir()
    for name in ("dbt_project.yml", "profiles.yml", ".dbtignore", "models", "macros", "tests"):
        (root / name).symlink_to(ROOT / name)
    shutil.copytree(SEEDS, root / "seeds")
    for path in policy.glob("*.csv"):
        shutil.copyfile(path, root / "seeds" / "policy" / path.name)
    days = {"as_of_date": AS_OF.isoformat(), "history_start_date": HISTORY_START.isoformat()}
    variables = {"raw_dir": str(company.folder), **days}
    words = ["build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"]
    database = place / "build.duckdb"
    start_dbt(words, database=database, target=place / "target", variables=variables, root=root).succeed()
    return database


def _differences(one: str, other: str, *databases: Path) -> int:
    with duckdb.connect() as connection:
        for number, database in enumerate(databases):
            connection.execute(f"attach '{database}' as d{number} (read_only)")
        rows = connection.execute(
            f"select count(*) from"
            f" ((from {one} except all from {other}) union all (from {other} except all from {one})) as differing"
        ).fetchall()
    return int(rows[0][0])


@pytest.mark.parametrize("table", PUBLIC_TABLES)
def test_what_is_adopted_is_what_was_simulated(simulated: Simulation, adopted: Path, table: str) -> None:
    assert _differences(f"d0.main.{table}", f"d1.main.{table}", simulated.result, adopted) == 0


@pytest.mark.parametrize("table", PUBLIC_TABLES)
def test_beside_it_stands_what_the_build_says(simulated: Simulation, project: Project, table: str) -> None:
    assert _differences(f"d0.before.{table}", f"d1.main.{table}", simulated.result, project.build_db) == 0


def test_the_policy_changes_what_it_decides_and_nothing_else(simulated: Simulation) -> None:
    """Or the round trip would show little."""
    changed = {
        table for table in PUBLIC_TABLES if _differences(f"d0.main.{table}", f"d0.before.{table}", simulated.result)
    }
    assert changed >= {"fct_segment_assignments", "fct_health_scores", "fct_segment_migrations", "dim_accounts"}
    assert not changed & set(UNTOUCHED)


def test_moves_are_the_accounts_whose_segment_differs_today(simulated: Simulation) -> None:
    with duckdb.connect(str(simulated.result), read_only=True) as connection:
        moves = set(
            connection.execute("select segment_scheme, account_id, from_segment, to_segment from moves").fetchall()
        )
        sides = [
            {
                (scheme, account): segment
                for scheme, account, segment in connection.execute(
                    f"select segment_scheme, account_id, segment from {schema}.fct_segment_assignments"
                    " where valid_to is null"
                ).fetchall()
            }
            for schema in ("before", "main")
        ]
        money = dict(connection.execute("select account_id, mrr from main.dim_accounts").fetchall())
    before, after = sides
    assert moves == {(*key, before[key], after[key]) for key in before if before[key] != after[key]}
    assert moves
    assert sum(flow.accounts for flow in simulated.flows) == len(moves)
    assert simulated.accounts == len({account for _, account, _, _ in moves})
    assert simulated.mrr == pytest.approx(float(sum(money[account] for account in {move[1] for move in moves})))


def test_bands_and_stages_that_change_are_told_by_account_and_by_number(simulated: Simulation) -> None:
    with duckdb.connect(str(simulated.result), read_only=True) as connection:
        before, after = (
            {
                account: {"health_band": (band or "not_scored"), "stage": stage, "mrr": mrr}
                for account, band, stage, mrr in connection.execute(
                    f"select account_id, health_band, stage, mrr from {schema}.dim_accounts"
                ).fetchall()
            }
            for schema in ("before", "main")
        )
        kept = set(connection.execute("select answer, account_id, from_answer, to_answer from changes").fetchall())
    wanted = {
        (answer, account, sides[answer], after[account][answer])
        for account, sides in before.items()
        for answer in ("health_band", "stage")
        if sides[answer] != after[account][answer]
    }
    assert kept == wanted
    assert {answer for answer, *_ in wanted} >= {"health_band"}
    told = {(one.answer, one.from_answer, one.to_answer): one.accounts for one in simulated.changes}
    assert told == Counter((answer, one, other) for answer, _, one, other in wanted)
    named = [(one.answer, one.account_id, one.from_answer, one.to_answer) for one in simulated.changed_accounts]
    assert set(named) <= wanted
    text = report(simulated)
    for answer in ("health_band", "stage"):
        mine = [one for one in simulated.changed_accounts if one.answer == answer]
        assert len(mine) == min(SHOWN_MOVES, sum(one[0] == answer for one in wanted))
        assert [one.mrr for one in mine] == sorted((one.mrr for one in mine), reverse=True)
        assert all(f"| {answer} | {one.account_id} | {one.from_answer} | {one.to_answer} |" in text for one in mine)
    bands = sum(answer == "health_band" for answer, *_ in wanted)
    assert f"{bands} change their band of health, {len(wanted) - bands} their stage" in text


def test_what_a_killed_simulation_left_is_removed_by_the_next(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """And nothing that another one is at work in."""
    left, held = tmp_path / "strata-simulate-left", tmp_path / "strata-simulate-held"
    for folder in (left, held):
        folder.mkdir()
        (folder / "build.duckdb").touch()
    (tmp_path / "report.md").touch()
    with folder_lock(held, ""):
        _clean_up(tmp_path)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["report.md", held.name]
    assert "removed strata-simulate-left" in capfd.readouterr().err
    _clean_up(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["report.md"]


def test_a_disk_that_is_full_is_one_message(
    project: Project, policy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("strata.simulate._scratch", fill)
    with pytest.raises(StrataError, match="No space left on device") as broken:
        simulate(project, policy, tmp_path / "out")
    assert (broken.value.exit_code, list((tmp_path / "out").iterdir())) == (2, [])
    assert "room for a second build file" in broken.value.remedy


def test_without_stability_segments_flip_more(simulated: Simulation) -> None:
    (touch,) = [scheme for scheme in simulated.schemes if scheme.segment_scheme == "touch_model"]
    today, other = touch.flips_a_year
    assert today is not None
    assert other is not None
    assert today < other


def test_hours_owed_stand_against_capacity_under_both_policies(simulated: Simulation) -> None:
    with duckdb.connect(str(simulated.result), read_only=True) as connection:
        sides = [
            {
                csm: (accounts, round(float(owed), 1), capacity and round(float(capacity), 1), segments)
                for csm, accounts, owed, capacity, segments in connection.execute(
                    "select csm_user_id, accounts, hours_owed, capacity_hours, segments_juggled"
                    f" from {schema}.fct_csm_portfolios"
                ).fetchall()
            }
            for schema in ("before", "main")
        ]
    told = [
        {one.csm_user_id: (one.accounts[side], one.hours_owed[side], one.capacity_hours[side], one.segments[side])
         for one in simulated.portfolios}
        for side in (0, 1)
    ]  # fmt: skip
    assert told == sides
    assert told[0] != told[1]
    owed = [sum(side[csm][1] for csm in side if csm != "no_csm") for side in sides]
    assert f"| owed by managers | {owed[0]:,.1f} | {owed[1]:,.1f} |" in report(simulated)


def test_the_money_and_the_risk_of_each_manager_are_told_under_both_policies(simulated: Simulation) -> None:
    with duckdb.connect(str(simulated.result), read_only=True) as connection:
        sides = [
            {
                csm: (float(mrr), accounts, float(at_risk))
                for csm, mrr, accounts, at_risk in connection.execute(
                    f"select csm_user_id, mrr, accounts_at_risk, mrr_at_risk from {schema}.fct_csm_portfolios"
                ).fetchall()
            }
            for schema in ("before", "main")
        ]
    told = [
        {one.csm_user_id: (one.mrr[side], one.accounts_at_risk[side], one.mrr_at_risk[side])
         for one in simulated.portfolios}
        for side in (0, 1)
    ]  # fmt: skip
    assert told == sides
    totals = [sum(at_risk for _, _, at_risk in side.values()) for side in sides]
    assert totals[0] > 0
    text = report(simulated)
    assert f"| MRR at risk, with or without a manager | {totals[0]:,.0f} | {totals[1]:,.0f} |" in text
    for one in simulated.portfolios:
        told_of = f"| {one.mrr[0]:,.0f} → {one.mrr[1]:,.0f} | {one.accounts_at_risk[0]} → {one.accounts_at_risk[1]} |"
        assert told_of in text


def test_what_decides_before_the_features_is_told(simulated: Simulation) -> None:
    assert simulated.not_simulated == ("currency_rates",)
    assert "**Not simulated**: `currency_rates`" in report(simulated)


def test_a_policy_that_is_refused_is_not_simulated(project: Project, policy: Path, tmp_path: Path) -> None:
    shutil.copytree(policy, tmp_path / "policy")
    bands = tmp_path / "policy" / "bands.csv"
    bands.write_text(bands.read_text().replace("value,medium,2,800,", "value,medium,2,700,"))
    with pytest.raises(InputError, match="cannot be used") as refused:
        simulate(project, tmp_path / "policy", tmp_path / "out")
    assert "overlaps" in refused.value.findings[0].message
    assert not (tmp_path / "out").exists()


def test_without_a_build_there_is_nothing_to_compare(project: Project, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no build"):
        simulate(replace(project, warehouse=tmp_path / "empty"), project.policy_dir, tmp_path / "out")
