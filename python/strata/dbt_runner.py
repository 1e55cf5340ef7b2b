"""Runs dbt for a project and reads what it left behind."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from strata.console import NodeProgress, show_findings
from strata.errors import AuditError, BuildError, Finding
from strata.project import Project

# More findings than a person reads at once; the rest is counted and lies in run_results.json.
SHOWN_FAILURES = 8
FAILED = ("error", "fail", "runtime error")


@dataclass(frozen=True)
class DbtRun:
    """A finished dbt command. invocation_id: dbt's own id of the run. statuses: nodes by how they ended."""

    invocation_id: str
    statuses: Mapping[str, int]


def run_dbt(
    project: Project, command: Sequence[str], label: str, environment: Mapping[str, str] | None = None
) -> DbtRun:
    """Runs one dbt command over the project's build, with progress on stderr, and what its tests warn of.

    command: the dbt subcommand and its own flags; the project's folders, vars and target are added. environment: what
    the engine wants dbt to find there.
    Raises AuditError when only data tests failed, BuildError when models failed or dbt could not run.
    """
    run_results = project.target_path / "run_results.json"
    log = project.shown(_log_path(project) / "dbt.log")
    try:
        run_results.unlink(missing_ok=True)
        with tempfile.TemporaryFile(mode="w+", encoding="utf-8") as chatter:
            code, broken = _follow(project, dbt_arguments(project, command), label, chatter, environment or {})
            chatter.seek(0)
            last_words = chatter.read()[-2000:].strip()
        if not run_results.is_file():
            raise BuildError(
                f"dbt could not run: {broken or last_words or 'it ended without a word'}", f"the whole log is in {log}"
            )
        results = json.loads(run_results.read_text(encoding="utf-8"))
    except OSError as error:
        raise BuildError(
            f"dbt could not run: {error.filename or project.shown(project.target_path)}: {error.strerror or error}",
            "see that there is space, and that the folder is writable",
        ) from error
    except ValueError as error:
        raise BuildError(
            f"dbt left {project.shown(run_results)} by half: it was stopped, or the disk is full",
            f"see that there is space; the whole log is in {log}",
        ) from error
    statuses: dict[str, int] = {}
    for result in results["results"]:
        statuses[result["status"]] = statuses.get(result["status"], 0) + 1
    if code != 0:
        _raise_failures(project, results["results"], broken)
    _tell_warnings(project, results["results"])
    return DbtRun(invocation_id=results["metadata"]["invocation_id"], statuses=statuses)


def read_manifest(project: Project) -> dict[str, Any]:
    """dbt's manifest of the last run. Raises BuildError when there is none."""
    path = project.target_path / "manifest.json"
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BuildError(f"{project.shown(path)} is missing or unreadable", "run `strata build` first") from error
    return manifest


def _log_path(project: Project) -> Path:
    chosen = os.environ.get("DBT_LOG_PATH")
    if chosen is not None:
        return (project.root / chosen).resolve()
    return project.root / "logs" if project.target_path == project.root / "target" else project.warehouse / "logs"


def dbt_arguments(project: Project, command: Sequence[str]) -> list[str]:
    """A dbt subcommand and its flags, with the folders, vars and target of the project."""
    arguments = ["--quiet", "--log-level", "none", "--log-level-file", "info", "--no-use-colors", *command]
    arguments += ["--project-dir", str(project.root), "--target-path", str(project.target_path)]
    arguments += ["--log-path", str(_log_path(project))]
    if "DBT_PROFILES_DIR" not in os.environ:
        arguments += ["--profiles-dir", str(project.root)]
    if project.target is not None:
        arguments += ["--target", project.target]
    # The day goes through the environment: vars that change make dbt parse everything anew.
    if overrides := {name: value for name, value in project.overrides.items() if name != "as_of_date"}:
        arguments += ["--vars", json.dumps(overrides, default=str, sort_keys=True)]
    return arguments


def day_of(project: Project) -> dict[str, str]:
    """The day of the run as the models read it (macro as_of_day)."""
    return {"STRATA_AS_OF_DATE": project.as_of.isoformat()}


def _follow(
    project: Project, arguments: Sequence[str], label: str, chatter: Any, more: Mapping[str, str]
) -> tuple[int, str]:
    own = {"STRATA_BUILD_DB": str(project.build_db), "DO_NOT_TRACK": "1", "PYTHONUNBUFFERED": "1", **day_of(project)}
    environment = {**os.environ, **own, **more}
    broken, done, total = "", 0, 0
    with subprocess.Popen(
        [sys.executable, "-m", "strata.dbt_worker", *arguments],
        cwd=project.root,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=chatter,
        text=True,
    ) as worker:
        assert worker.stdout is not None
        try:
            with NodeProgress(label) as progress:
                for line in worker.stdout:
                    event = _event(line, chatter)
                    match event.get("kind"):
                        case "total":
                            done, total = 0, int(event["total"])
                        case "done":
                            done += 1
                            progress.advance(done, total, str(event["name"]))
                        case "broken":
                            broken = str(event["message"]).strip()
        except BaseException:
            worker.kill()
            raise
        assert worker.stdin is not None
        code = worker.wait()
    return code, broken


def _event(line: str, chatter: Any) -> dict[str, Any]:
    """The worker's word as a mapping; anything else on its stdout is dbt's chatter and kept as such."""
    try:
        event = json.loads(line)
    except ValueError:
        event = None
    if isinstance(event, dict):
        return event
    chatter.write(line)
    return {}


def _raise_failures(project: Project, results: Sequence[Mapping[str, Any]], broken: str) -> None:
    nodes = read_manifest(project)["nodes"] if (project.target_path / "manifest.json").is_file() else {}
    failed = [result for result in results if result["status"] in FAILED]
    findings = [_finding(project, nodes.get(result["unique_id"], {}), result) for result in failed[:SHOWN_FAILURES]]
    skipped = sum(result["status"] == "skipped" for result in results)
    counts = f"{len(failed)} of {len(results)} dbt nodes failed, {skipped} were skipped because of them"
    if failed and all(result["status"] == "fail" for result in failed):
        raise AuditError(
            f"{counts}; nothing was published", "the tests say which rows; correct the input or the model", findings
        )
    raise BuildError(
        f"{counts}; nothing was published" if failed else f"dbt stopped: {broken}; nothing was published",
        f"the whole log is in {project.shown(_log_path(project) / 'dbt.log')}",
        findings,
    )


def _tell_warnings(project: Project, results: Sequence[Mapping[str, Any]]) -> None:
    """What a test warns of is seen, though it stops nothing."""
    if warned := [result for result in results if result["status"] == "warn"]:
        nodes = read_manifest(project)["nodes"]
        found = [_finding(project, nodes.get(result["unique_id"], {}), result) for result in warned[:SHOWN_FAILURES]]
        show_findings([replace(item, severity="warning") for item in found])


def _finding(project: Project, node: Mapping[str, Any], result: Mapping[str, Any]) -> Finding:
    unique_id = str(result["unique_id"])
    kind = unique_id.split(".")[0]
    name = str(node.get("name") or unique_id)
    path = node.get("original_file_path")
    first_lines = " ".join(str(result.get("message") or "").split())[:600]
    compiled = node.get("compiled_path")
    remedy = "correct the model, or the rows that it reads"
    if kind == "test":
        remedy = f"see the query in {compiled}" if compiled else "see the model's own description"
    # A test may say itself what it found, and what to do.
    said = (node.get("config") or {}).get("meta") or {}
    return Finding(
        severity="error",
        file=Path(path) if path else None,
        row=None,
        column=node.get("column_name"),
        message=str(said.get("message") or f"{kind} {name}: {first_lines}"),
        remedy=str(said.get("remedy") or remedy),
    )
