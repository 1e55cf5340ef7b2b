"""The command line: exit codes 0/1/2, results on stdout, talk on stderr, no traceback for what can be expected."""

from __future__ import annotations

import errno
import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from conftest import ROOT, Ended, Shop
from strata.build import refuse_days_to_come
from strata.dbt_runner import run_dbt
from strata.errors import BuildError, Finding, InputError
from strata.project import Project, load_project
from strata.variables import refuse_unwritten_models

Strata = Callable[..., Ended]


def test_help_names_every_command(strata: Strata) -> None:
    ended = strata("--help")
    assert ended.code == 0
    commands = ("generate", "check", "build", "backfill", "audit", "publish", "simulate", "summary", "explain")
    for command in (*commands, "validate", "calibrate"):
        assert f" {command} " in ended.out, command


@pytest.mark.parametrize("arguments", [["nonsense"], ["build", "--nonsense"], ["explain"], ["check", "nonsense"]])
def test_command_line_that_cannot_be_read_ends_with_2(strata: Strata, arguments: list[str]) -> None:
    ended = strata(*arguments)
    assert ended.code == 2
    assert ended.out == ""
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "raw", "--project-dir", "/nowhere"], "no dbt_project.yml in /nowhere"),
        (["check", "raw", "--project-dir", str(ROOT), "--company", "nobody"], "no company `nobody`"),
        (
            ["check", "raw", "--project-dir", str(ROOT), "--as-of", "30.06.2026"],
            "as-of date `30.06.2026` is not a date",
        ),
        (["check", "policy", "--project-dir", str(ROOT), "--policy-dir", "/nowhere"], "no folder /nowhere"),
    ],
)
def test_bad_option_is_one_message_with_a_remedy(strata: Strata, arguments: list[str], message: str) -> None:
    ended = strata(*arguments)
    assert ended.code == 1
    assert ended.out == ""
    assert message in ended.err
    assert ended.err.count("error:") == 1
    assert "remedy:" in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("command", ["validate", "calibrate"])
def test_a_plot_of_an_unknown_kind_is_refused_before_anything_is_read(
    strata: Strata, tmp_path: Path, command: str
) -> None:
    ended = strata(command, "--project-dir", ROOT, "--warehouse", tmp_path, "--plot", tmp_path / "churn.foo")
    assert (ended.code, ended.out) == (1, "")
    assert "no plot can be drawn into" in ended.err
    assert "remedy: name a file that ends in .svg, .png, .html" in ended.err


def test_the_remedy_names_the_option_of_the_command(strata: Strata, tmp_path: Path) -> None:
    ended = strata("simulate", "--project-dir", ROOT, "--warehouse", tmp_path, "--policy", "/nowhere")
    assert (ended.code, ended.out) == (1, "")
    assert "no folder /nowhere" in ended.err
    assert "--policy-dir" not in ended.err
    assert "with --policy" in ended.err


@pytest.mark.parametrize(
    ("command", "remedy"),
    [
        (["feed", "--out", "file/feed"], "name another folder with --out"),
        (["calibrate", "--propose", "nowhere/weights.diff"], "name another file with --propose"),
        (["simulate", "--policy", f"{ROOT}/seeds/policy", "--out", "file/out"], "name another folder with --out"),
    ],
)
def test_a_place_where_nobody_may_write_is_one_message(
    strata: Strata, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], remedy: str
) -> None:
    """Below a file nobody can write, not even who may write everywhere."""
    (tmp_path / "file").touch()
    duckdb.connect(str(tmp_path / "strata.duckdb")).close()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("strata.calibrate.calibrate", lambda project, every: {"proposal": []})
    monkeypatch.setattr("strata.proposal.as_diff", lambda *_: "a diff")
    ended = strata(*command, "--project-dir", ROOT, "--warehouse", tmp_path)
    assert (ended.code, ended.out) == (1, "")
    assert f"error: {command[-1]} cannot be written" in ended.err
    assert f"remedy: {remedy}" in ended.err


def test_reports_that_cannot_be_written_are_one_message(shop: Shop, strata: Strata) -> None:
    (shop.root / "reports").touch()
    ended = strata("check", "raw", "--project-dir", shop.root)
    assert ended.code == 2
    assert "cannot be written" in ended.err
    assert "remedy: let the folder reports of the project be writable" in ended.err


@pytest.mark.parametrize("words", [["build", "--as-of"], ["backfill", "--to"]])
def test_a_day_to_come_is_refused_before_anything_is_done(shop: Shop, strata: Strata, words: list[str]) -> None:
    """One day is left for those to whom the clock of the machine, or UTC, is behind."""
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    refuse_days_to_come(tomorrow)
    ended = strata(*words, str(tomorrow + timedelta(days=2)), "--project-dir", shop.root)
    assert (ended.code, ended.out) == (1, "")
    assert "is still to come" in ended.err
    assert ended.err.count("remedy:") == 1
    assert not (shop.root / "warehouse").exists()


def test_unknown_company_is_answered_with_those_there_are(strata: Strata) -> None:
    ended = strata("build", "--project-dir", ROOT, "--company", "nobody")
    assert "companies here: miaad, ravenstack" in ended.err


@pytest.mark.parametrize("command", [["summary"], ["explain", "salesforce:1"]])
def test_reading_before_anything_is_published_says_what_to_do(
    strata: Strata, tmp_path: Path, command: list[str]
) -> None:
    ended = strata(*command, "--project-dir", ROOT, "--warehouse", tmp_path)
    assert ended.code == 1
    assert "nothing is published there yet" in ended.err
    assert "strata build" in ended.err


def test_findings_as_json_are_alone_on_stdout(shop: Shop, strata: Strata) -> None:
    shop.payments.unlink()
    ended = strata("check", "raw", "--project-dir", shop.root, "--json")
    assert ended.code == 1
    (finding,) = json.loads(ended.out)
    assert finding["severity"] == "error"
    assert finding["file"].endswith("payment.csv")
    assert set(finding) == {"severity", "file", "row", "column", "message", "remedy"}


def test_traceback_only_when_asked_for(shop: Shop, strata: Strata, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRATA_DEBUG", "")
    (shop.root / "dbt_project.yml").write_text("vars: [not, a\n")
    quiet = strata("check", "raw", "--project-dir", shop.root)
    assert quiet.code == 1
    assert "line 2 is not readable yml" in quiet.err
    assert "Traceback" not in quiet.err
    loud = strata("check", "raw", "--project-dir", shop.root, "--debug")
    assert loud.code == 1
    assert "Traceback" in loud.err


def test_defect_ends_with_2_and_without_a_traceback(
    shop: Shop, strata: Strata, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setenv("STRATA_DEBUG", "")
    monkeypatch.setattr("strata.gate.check_raw", explode)
    ended = strata("check", "raw", "--project-dir", shop.root)
    assert ended.code == 2
    assert "unexpected RuntimeError: boom" in ended.err
    assert "Traceback" not in ended.err


def test_a_full_disk_is_no_defect(shop: Shop, strata: Strata, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/tmp/strata")

    monkeypatch.setenv("STRATA_DEBUG", "")
    monkeypatch.setattr("strata.gate.check_raw", fill)
    ended = strata("check", "raw", "--project-dir", shop.root)
    assert ended.code == 2
    assert "error: /tmp/strata: No space left on device" in ended.err
    assert "remedy: see that there is space" in ended.err
    assert "unexpected" not in ended.err


def test_dbt_that_has_no_room_for_its_words_is_one_message(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("strata.dbt_runner.tempfile.TemporaryFile", fill)
    with pytest.raises(BuildError, match=r"dbt could not run: .*target: No space left on device") as broken:
        run_dbt(shop.project(), ["build"], "dbt nodes")
    assert "see that there is space" in broken.value.remedy


def test_results_that_dbt_left_by_half_are_one_message(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def leave_half(project: Project, *_: object) -> tuple[int, str]:
        project.target_path.mkdir()
        (project.target_path / "run_results.json").write_text('{"results": [{"sta')
        return 1, ""

    monkeypatch.setattr("strata.dbt_runner._follow", leave_half)
    with pytest.raises(BuildError, match=r"dbt left .*run_results.json by half"):
        run_dbt(shop.project(), ["build"], "dbt nodes")


def test_module_and_script_are_the_same_command(tmp_path: Path) -> None:
    script = Path(sys.executable).with_name("strata")
    for command in ([sys.executable, "-m", "strata"], [str(script)]):
        ended = subprocess.run(
            [*command, "check", "policy", "--project-dir", str(ROOT)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
        )
        assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr
        assert "the policy is sound" in ended.stderr


def test_project_is_found_from_a_folder_below(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "models" / "canonical")
    assert load_project().root == ROOT


def test_company_has_its_own_vars_and_warehouse() -> None:
    project = load_project(ROOT, company="miaad")
    assert project.systems == ("miaad",)
    assert str(project.as_of) == "2026-03-31"
    assert project.warehouse == ROOT / "warehouse" / "miaad"
    assert project.target_path == project.warehouse / "target"
    assert load_project(ROOT).warehouse == ROOT / "warehouse"


def little_company(root: Path, words: str) -> Path:
    """A project with a company whose company.yml says this."""
    staging = root / "models" / "staging" / "acme"
    staging.mkdir(parents=True)
    for table in ("accounts", "customers"):
        model = root / "models" / "canonical" / f"{table}.sql"
        model.parent.mkdir(exist_ok=True)
        model.write_text("select 1 as id")
    (staging / "acme__accounts.sql").write_text("select '{{ var('acme_region') }}' as region")
    (root / "dbt_project.yml").write_text("vars:\n  reporting_currency: USD\n  as_of_date: 2026-06-30\n  systems: {}\n")
    (staging / "company.yml").write_text(words)
    return root


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("reportin_currency: EUR\n", "`reportin_currency`, which nothing reads; did you mean `reporting_currency`?"),
        ("colour: blue\n", "sets var `colour`, which nothing reads"),
        ("systems: {acme: {raw: [a], canonicl: [accounts]}}\n", "says `canonicl`; did you mean `canonical`?"),
        (
            "systems: {acme: {raw: [a], canonical: [acounts]}}\n",
            "fills `acounts`, and there is no such canonical table; did you mean `accounts`?",
        ),
        ("systems: {acme: {raw: [a], canonical: accounts}}\n", "`canonical` of system `acme` should be a list"),
        ("systems: [acme]\n", "var `systems` should name systems"),
        ("systems: {acme: }\n", "system `acme` should say its raw and canonical tables"),
    ],
)
def test_a_word_that_nothing_reads_is_answered_with_the_nearest(
    strata: Strata, tmp_path: Path, words: str, message: str
) -> None:
    ended = strata("check", "raw", "--project-dir", little_company(tmp_path, words), "--company", "acme")
    assert (ended.code, ended.out) == (1, "")
    assert "models/staging/acme/company.yml" in ended.err
    assert message in ended.err
    assert ended.err.count("remedy:") == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("time_zone: America/New_Yorc\n", "time_zone is `America/New_Yorc`, and there is no such zone; did you mean"),
        ("snapshot_grain: weekly\n", "var snapshot_grain is `weekly`"),
        ("calendar_start_date: 2024-02-15\n", "calendar_start_date is 2024-02-15: it has to be the first of a month"),
        ("calendar_start_date: 2024-08-01\n", "no later than 2024-07-01, when history begins"),
        ("calendar_start_date: 2024\n", "var calendar_start_date `2024` is not a date"),
        ("history_start_date: 2024-13-01\n", "holds a date that no calendar has"),
    ],
)
def test_a_var_of_time_that_no_model_can_use_is_refused_before_anything_is_built(
    strata: Strata, tmp_path: Path, words: str, message: str
) -> None:
    root = little_company(tmp_path, "")
    begins = "" if "history_start_date" in words else "  history_start_date: 2024-07-01\n"
    with (root / "dbt_project.yml").open("a") as file:
        file.write(f"{begins}  {words}")
    (root / "profiles.yml").symlink_to(ROOT / "profiles.yml")
    ended = strata("build", "--project-dir", root)
    assert (ended.code, ended.out) == (1, "")
    assert message in ended.err
    assert ended.err.count("remedy:") == 1
    assert "check policy" not in ended.err


@pytest.mark.parametrize(
    ("raw", "canonical", "message"),
    [
        (
            ["a"],
            ["accounts", "account_versions", "customers"],
            "names `customers`, and there is no models/staging/acme",
        ),
        (
            ["a", "b"],
            ["accounts", "account_versions"],
            "names `b`, and there is no models/staging/acme/stg_acme__b.sql",
        ),
        ([], ["accounts", "account_versions"], "`raw` of system `acme` does not name `a`, which stg_acme__a stages"),
        (["a"], ["accounts"], "a system fills `accounts`, and none `account_versions`"),
        (["a"], ["accounts", "account_versions"], None),
    ],
)
def test_what_systems_name_and_what_is_written_are_the_same(
    tmp_path: Path, raw: list[str], canonical: list[str], message: str | None
) -> None:
    """Helpers of staging, which read no raw table, need not be named."""
    root = little_company(tmp_path, "")
    staging = root / "models" / "staging" / "acme"
    (staging / "acme__account_versions.sql").touch()
    (staging / "stg_acme__a.sql").write_text("{{ raw_rows('acme', 'a', optional=['b']) }}")
    (staging / "stg_acme__a_settled.sql").write_text("select * from {{ ref('stg_acme__a') }}")
    systems = {"acme": {"raw": raw, "canonical": canonical}}
    if message is None:
        refuse_unwritten_models(root, staging / "company.yml", systems)
        return
    with pytest.raises(InputError, match=re.escape(message)):
        refuse_unwritten_models(root, staging / "company.yml", systems)


def test_a_company_may_have_vars_that_its_own_models_read(tmp_path: Path) -> None:
    words = "acme_region: north\nsystems: {acme: {raw: [a], canonical: [accounts, customers]}}\n"
    project = load_project(little_company(tmp_path, words), company="acme")
    assert project.variables["acme_region"] == "north"


def test_a_canonical_table_of_the_project_itself_is_looked_up_too(tmp_path: Path) -> None:
    root = little_company(tmp_path, "")
    config = root / "dbt_project.yml"
    config.write_text(config.read_text().replace("systems: {}", "systems: {acme: {canonical: [custmers]}}"))
    with pytest.raises(InputError, match=r"dbt_project.yml: system `acme` fills `custmers`.*`customers`"):
        load_project(root)


def test_the_policy_is_checked_with_the_vars_of_the_company(strata: Strata, tmp_path: Path) -> None:
    """Its reporting currency is the one that has the rate 1, its first day of history the one to be covered."""
    root = little_company(tmp_path, "reporting_currency: EUR\nhistory_start_date: 1999-12-31\n")
    with (root / "dbt_project.yml").open("a") as file:
        file.write("  history_start_date: 2024-07-01\n")
    (root / "seeds").symlink_to(ROOT / "seeds")
    assert strata("check", "policy", "--project-dir", root).code == 0
    ended = strata("check", "policy", "--project-dir", root, "--company", "acme")
    assert ended.code == 1
    assert "the reporting currency `EUR` has rate 1.08 to itself" in ended.err
    assert "no version is in force from 1999-12-31" in ended.err


def test_options_win_over_the_company(tmp_path: Path) -> None:
    project = load_project(ROOT, company="miaad", raw_dir=tmp_path, as_of="2026-01-31", warehouse=tmp_path / "here")
    assert (project.raw_dir, str(project.as_of), project.warehouse) == (tmp_path, "2026-01-31", tmp_path / "here")
    assert project.overrides["raw_dir"] == str(tmp_path)
    assert project.overrides["as_of_date"] == "2026-01-31"


def test_finding_says_where_it_is() -> None:
    assert Finding("error", Path("a.csv"), 3, "amount", "", "").where() == "a.csv, row 3, column `amount`"
    assert Finding("error", None, None, None, "", "").where() == ""


def test_project_file_without_a_mapping_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("- a\n- b\n")
    with pytest.raises(InputError, match="should hold `name: value` lines"):
        load_project(tmp_path)
