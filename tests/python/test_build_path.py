"""The whole path on the real project and a small generated company: what is published, what stops it, what kills it.

One company is generated and built once; every fault is then tried on a copy of its raw tables, and the published file
must stay as it is, byte for byte.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from conftest import ROOT, Ended, digest, read_ledger
from strata.dbt_runner import run_dbt
from strata.errors import AuditError
from strata.lock import HOLDER_FILE
from strata.project import load_project

Strata = Callable[..., Ended]

AS_OF = "2026-06-30"
FLOW = ("policy", "raw", "dbt build", "audit", "publish")


@dataclass(frozen=True)
class Company:
    """A generated company and the warehouse that its builds go to."""

    raw: Path
    warehouse: Path

    @property
    def published(self) -> Path:
        return self.warehouse / "strata.duckdb"

    def command(self, *arguments: str | Path, raw: Path | None = None) -> list[str]:
        """`strata build` of this company; `raw`: another folder of raw tables."""
        return [
            sys.executable, "-m", "strata", "build", "--project-dir", str(ROOT),
            "--raw-dir", str(raw or self.raw), "--as-of", AS_OF, "--warehouse", str(self.warehouse),
            *[str(argument) for argument in arguments],
        ]  # fmt: skip

    def build(self, *arguments: str | Path, raw: Path | None = None) -> Ended:
        """Runs it to its end."""
        return run(self.command(*arguments, raw=raw))

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """Rows of the published file."""
        with duckdb.connect(str(self.published), read_only=True) as connection:
            return connection.execute(sql).fetchall()


def run(command: list[str]) -> Ended:
    """Runs it in a process of its own."""
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    return Ended(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A company of 100 accounts over 14 months, built and published once."""
    place = tmp_path_factory.mktemp("path")
    made = Company(place / "raw", place / "warehouse")
    generated = run(
        [sys.executable, "-m", "strata", "generate", "--accounts", "100", "--months", "14", "--seed", "3",
         "--as-of", AS_OF, "--events-per-account", "150", "--out", str(made.raw)]
    )  # fmt: skip
    assert generated.code == 0, generated.err
    built = made.build("--json")
    assert built.code == 0, built.err
    assert json.loads(built.out)["as_of_date"] == AS_OF
    return made


@pytest.fixture
def spoiled(company: Company, tmp_path: Path) -> Path:
    """A copy of the raw tables to do harm to."""
    return shutil.copytree(company.raw, tmp_path / "raw")


def rewrite(raw: Path, table: str, select: str) -> None:
    """Replaces a raw table by the rows of a query over itself, `{files}`."""
    folder = raw / table
    with duckdb.connect() as connection:
        connection.execute(f"create table kept as {select.format(files=f'''read_parquet('{folder}/*.parquet')''')}")
        for path in folder.glob("*.parquet"):
            path.unlink()
        connection.execute(f"copy kept to '{folder}/part-00000.parquet' (format parquet)")


def test_public_tables_are_published_and_every_law_is_tested(company: Company) -> None:
    published = {str(name) for (name,) in company.query("select table_name from duckdb_tables()")}
    manifest = json.loads((company.warehouse / "target" / "manifest.json").read_text())
    public = {
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["access"] == "public"
    }
    assert published == public | {"fct_publications", "fct_changes"}
    results = ROOT / "reports" / "audit" / f"{manifest['metadata']['invocation_id']}.json"
    audited = json.loads(results.read_text())
    assert audited["laws_without_tables"] == []
    assert {law["broken_rows"] for law in audited["laws"]} == {0}
    # Every public table is held to its grain, not only to its law.
    checked = {check["table"] for check in audited["tables"] if "share their key" in check["says"]}
    assert checked == public


def test_every_published_column_is_described(company: Company) -> None:
    assert company.query("select table_name from duckdb_tables() where comment is null") == []
    assert (
        company.query("select table_name, column_name from duckdb_columns() where comment is null and not internal")
        == []
    )


def test_no_person_is_published(company: Company) -> None:
    texts = company.query(
        "select table_name, column_name from duckdb_columns() where data_type = 'VARCHAR' and not internal"
    )
    assert texts
    for table, column in texts:
        assert company.query(f'select count(*) from "{table}" where "{column}" like \'%@%.%\'') == [(0,)], (
            table,
            column,
        )


def test_summary_shows_every_part_and_three_accounts(company: Company, strata: Strata) -> None:
    arguments = ["summary", "--project-dir", str(ROOT), "--warehouse", str(company.warehouse)]
    shown = strata(*arguments)
    assert shown.code == 0, shown.err
    for heading in ("Segments", "Health", "Journey", "Rejected rows", "Matched to accounts", "Three accounts", "Next"):
        assert heading in shown.out
    summary = json.loads(strata(*arguments, "--json").out)
    assert (
        sum(row["accounts"] for row in summary["segments"]) == company.query("select count(*) from dim_accounts")[0][0]
    )
    assert len({row["account_id"] for row in summary["accounts"]}) == 3
    for row in summary["accounts"]:
        ((segment,),) = company.query(f"select segment from dim_accounts where account_id = '{row['account_id']}'")
        assert f", {segment}: health" in row["sentence"]
    # The choice and the words are the same whenever the tables are, whoever asks.
    assert run([sys.executable, "-m", "strata", *arguments]).out == shown.out
    assert f"explain {summary['accounts'][0]['account_id']}" in shown.out


def test_explain_gives_segment_score_and_stage_with_their_reasons(company: Company, strata: Strata) -> None:
    ((account, snapshot),) = company.query(
        "select account_id, min(snapshot_date) + 56 from fct_health_scores where health_score is not null"
        " group by account_id order by count(*) desc, account_id limit 1"
    )
    options = ["--project-dir", str(ROOT), "--warehouse", str(company.warehouse)]
    now = strata("explain", str(account), *options)
    assert now.code == 0, now.err
    assert str(account) in now.out
    assert "Segment " in now.out
    assert "Stage " in now.out
    then = json.loads(strata("explain", str(account), *options, "--at", str(snapshot), "--json").out)
    assert then["snapshot_date"] <= str(snapshot)
    (score,) = company.query(
        f"select cast(computed_score as double) from fct_health_scores"
        f" where account_id = '{account}' and snapshot_date = '{then['snapshot_date']}'"
    )
    parts = sum(component["contribution"] or 0 for component in then["health"]["components"])
    assert parts == pytest.approx(score[0] or 0, abs=0.005)
    unknown = strata("explain", "salesforce:nobody", *options)
    assert (unknown.code, unknown.out) == (1, "")
    assert "no account `salesforce:nobody` is published" in unknown.err


FAULTS = {
    "missing file": (
        lambda raw: shutil.rmtree(raw / "stripe" / "price"),
        r"stripe/price/\*\.parquet: missing file: nothing there for stripe\.price",
        "land the table there",
    ),
    "missing column": (
        lambda raw: rewrite(raw, "stripe/subscription_item", "select * exclude (plan_id) from {files}"),
        r"column `plan_id` of stripe\.subscription_item is missing",
        "land the column",
    ),
    "renamed column": (
        lambda raw: rewrite(raw, "salesforce/account", "select * rename (created_date as createddate) from {files}"),
        r"column `created_date` of salesforce\.account is missing; `createddate` looks like it",
        "rename it back in the source",
    ),
    "empty table": (
        lambda raw: rewrite(raw, "segment/tracks", "select * from {files} limit 0"),
        r"segment/tracks/part-00000\.parquet: segment\.tracks is empty",
        "load the table",
    ),
    "text in a number": (
        lambda raw: rewrite(
            raw,
            "stripe/invoice",
            "select * replace (case when row_number() over () >= 5 then 'n/a' else cast(amount_due as text) end"
            " as amount_due) from {files}",
        ),
        r"stripe/invoice/part-00000\.parquet, row 5, column `amount_due`: \d+\.\d % of the values in `amount_due`"
        r" of stripe\.invoice cannot be read as",
        "land `amount_due` as",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_bad_input_is_one_message_and_readers_keep_what_they_had(
    company: Company, spoiled: Path, fault: str, strata: Strata
) -> None:
    harm, message, remedy = FAULTS[fault]
    before = digest(company.published)
    harm(spoiled)
    ended = strata(*company.command(raw=spoiled)[3:])
    assert ended.code == 1, ended.err
    assert len(re.findall(r"^error: ", ended.err, flags=re.MULTILINE)) == 1, ended.err
    assert re.search(message, ended.err), ended.err
    assert f"remedy: {remedy}" in ended.err
    assert "Traceback" not in ended.err
    assert "dbt build" not in ended.err
    assert digest(company.published) == before


def test_bad_policy_is_one_message_and_readers_keep_what_they_had(
    company: Company, tmp_path: Path, strata: Strata
) -> None:
    project = tmp_path / "project"
    shutil.copytree(
        ROOT,
        project,
        ignore=lambda folder, names: (
            [
                name
                for name in names
                if name not in ("models", "macros", "seeds", "tests", "dbt_project.yml", "profiles.yml")
            ]
            if Path(folder) == ROOT
            else ["python", "__pycache__"]
        ),
    )
    weights = project / "seeds" / "policy" / "score_groups.csv"
    lines = weights.read_text().splitlines()
    profile, group, weight, *rest = lines[1].split(",")
    lines[1] = ",".join([profile, group, str(int(weight) - 1), *rest])
    weights.write_text("\n".join(lines) + "\n")
    before = digest(company.published)
    command = company.command()
    command[command.index("--project-dir") + 1] = str(project)
    ended = strata(*command[3:])
    assert ended.code == 1, ended.err
    assert len(re.findall(r"^error: ", ended.err, flags=re.MULTILINE)) == 1, ended.err
    assert "score_groups.csv" in ended.err
    assert "99" in ended.err
    assert "check raw" not in ended.err
    assert digest(company.published) == before


def test_tables_that_break_a_law_are_not_published(company: Company, tmp_path: Path) -> None:
    other = Company(company.raw, tmp_path / "warehouse")
    shutil.copytree(company.warehouse, other.warehouse)
    before = digest(other.published)
    with duckdb.connect(str(other.warehouse / "build.duckdb")) as connection:
        connection.execute(
            "update fct_health_score_components set contribution = contribution + 0.01 where contribution = "
            "(select max(contribution) from fct_health_score_components)"
        )
        connection.execute("insert into dim_segments select * from dim_segments limit 1")
    ended = run(
        [sys.executable, "-m", "strata", "publish", "--project-dir", str(ROOT), "--warehouse", str(other.warehouse)]
    )
    assert ended.code == 1, ended.err
    assert "law additive_scores is broken by" in ended.err
    assert "dim_segments: has rows that share their key (segment_scheme, segment)" in ended.err
    assert digest(other.published) == before


@pytest.mark.parametrize(("as_of", "warns"), [(AS_OF, False), ("2026-06-29", True)])
def test_a_run_that_looks_at_nothing_says_so(
    company: Company, tmp_path: Path, capsys: pytest.CaptureFixture[str], as_of: str, warns: bool
) -> None:
    """The last look at what the CRM overwrites was for a later day: after one for a day to come nobody would know."""
    shutil.copytree(company.warehouse, tmp_path / "warehouse")
    project = load_project(ROOT, raw_dir=company.raw, as_of=as_of, warehouse=tmp_path / "warehouse")
    command = ["test", "--select", "last_look_was_not_for_a_later_day"]
    done = run_dbt(project, command, "dbt nodes")
    said = capsys.readouterr().err
    assert ("warn" in done.statuses, "pass" in done.statuses) == (warns, not warns)
    assert ("is not remembered" in said) == ("out of observed_accounts and" in said) == warns


@pytest.mark.parametrize("table", ["subscription_items", "invoices"])
def test_a_currency_without_a_rate_is_named_with_the_remedy(company: Company, tmp_path: Path, table: str) -> None:
    """No mapping that is shipped lets one through; one of own tables may."""
    shutil.copytree(company.warehouse, tmp_path / "warehouse")
    project = load_project(ROOT, raw_dir=company.raw, as_of=AS_OF, warehouse=tmp_path / "warehouse")
    command = ["test", "--select", "law_6_every_currency_has_a_rate"]
    assert run_dbt(project, command, "dbt nodes").statuses["pass"] == 1
    with duckdb.connect(str(project.build_db)) as connection:
        one = f"(select min(rowid) from main_canonical.{table})"
        connection.execute(f"update main_canonical.{table} set currency = 'usd' where rowid = {one}")
    with pytest.raises(AuditError) as stopped:
        run_dbt(project, command, "dbt nodes")
    (finding,) = stopped.value.findings
    assert "is in a currency that currency_rates.csv does not have" in finding.message
    assert "write its code in upper case, or reject such rows in staging with unknown_currency" in finding.remedy


@pytest.mark.slow
def test_killed_build_changes_nothing_and_the_next_one_heals(company: Company, strata: Strata) -> None:
    before = digest(company.published)
    first = read_ledger(company.published)[-1]
    chance = random.Random(11)
    for moment in ("dbt build", "dbt build", "audit"):
        build = subprocess.Popen(
            company.command("--skip-raw-check"), stderr=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True
        )
        assert build.stderr is not None
        for line in build.stderr:
            if f"→ {moment}" in line:
                break
        # A second build of the same warehouse is told who is at work, and goes away.
        refused = strata(*company.command()[3:])
        assert refused.code == 1
        assert f"process {build.pid}, started" in refused.err
        time.sleep(chance.uniform(0, 12 if moment == "dbt build" else 1))
        worker = child_of(build.pid)
        build.send_signal(signal.SIGKILL)
        build.wait()
        build.stderr.close()
        assert worker is None or ended_soon(worker), "dbt writes on although its build was killed"
        assert digest(company.published) == before
    # What is left is as bad as it can be: a build file that is no database, and half a publication.
    (company.warehouse / "build.duckdb").write_bytes(b"cut off in the middle" * 1000)
    (company.warehouse / "build.duckdb.wal").unlink(missing_ok=True)
    (company.warehouse / ".strata.duckdb.1.tmp").write_bytes(b"half")
    healed = company.build()
    assert healed.code == 0, healed.err
    assert "removed .strata.duckdb.1.tmp" in healed.err
    assert "build.duckdb cannot be opened" in healed.err
    assert all(f"→ {step}" in healed.err or f"→ check {step}" in healed.err for step in FLOW)
    # The same raw tables give the same tables, whatever happened in between.
    last = read_ledger(company.published)[-1]
    assert last.content_hash == first.content_hash
    assert not (company.warehouse / HOLDER_FILE).exists()


def child_of(pid: int) -> int | None:
    """The first child of a process, where the system tells."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return None
    return int(children[0]) if children else None


def ended_soon(pid: int) -> bool:
    """The process is gone, or a corpse, within five seconds."""
    for _ in range(50):
        try:
            os.kill(pid, 0)
            if ") Z" in Path(f"/proc/{pid}/stat").read_text():
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.1)
    return False
