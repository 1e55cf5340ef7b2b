"""The whole path: check policy, check raw, dbt build, audit, publish. Safe to repeat, safe to kill."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from strata.audit import audit
from strata.console import say, show_findings, step
from strata.dbt_runner import read_manifest, run_dbt
from strata.errors import AuditError, Finding, InputError, LockedError
from strata.gate import check_raw
from strata.ledger import Publication
from strata.lock import build_lock
from strata.project import Project
from strata.publish import clean_up, public_tables, publish


def build(project: Project, full_refresh: bool = False, skip_raw_check: bool = False) -> Publication:
    """Runs the whole path and returns what was published.

    Raises InputError when policy or raw tables block, LockedError when another build is at work, BuildError or
    AuditError
    when the tables could not be built or are not sound. Until the last step nothing that a reader sees changes.
    """
    with build_lock(project.warehouse):
        heal(project)
        with step("check policy"):
            findings = policy_findings(project, project.policy_dir)
            show_findings([item for item in findings if item.severity == "warning"])
            _stop_at_errors(findings, "the policy cannot be used")
        if not skip_raw_check:
            with step("check raw"):
                _check_raw(project)
        with step("dbt build"):
            flags = ["--exclude-resource-type", "unit_test", *(["--full-refresh"] if full_refresh else [])]
            run = run_dbt(project, ["build", *flags], "dbt nodes")
            say("  " + ", ".join(f"{count} {status}" for status, count in sorted(run.statuses.items())))
        return audit_and_publish(project)


def audit_and_publish(project: Project) -> Publication:
    """The last two steps. The caller holds the build lock. Raises AuditError or PublishError."""
    with step("audit"):
        result = audit(project)
        if result.failed:
            raise AuditError(
                f"{len(result.findings)} findings in the built tables; nothing was published",
                f"results: {project.shown(result.results)}",
                result.findings,
            )
        say(f"  {result.tables} public tables keep {result.laws} laws")
    with step("publish"):
        manifest = read_manifest(project)
        publication = publish(project, manifest, public_tables(manifest))
        say(
            f"  {project.shown(project.published_db)}: {publication.table_count} tables, {publication.row_count:,} rows"
            f", as of {publication.as_of_date}, policy {publication.policy_version}"
        )
    return publication


def policy_findings(project: Project, policy_dir: Path) -> Sequence[Finding]:
    """What `strata check policy` says about a folder of policy seeds.

    Raises InputError when the folder is not there.
    """
    if not policy_dir.is_dir():
        raise InputError(f"no folder {project.shown(policy_dir)}", "name the policy's folder with --policy-dir")
    from strata.policy import check_policy

    return check_policy(
        policy_dir, as_of=project.as_of, reporting_currency=str(project.variables["reporting_currency"])
    )


def heal(project: Project) -> None:
    """Clears away what a killed build left. A build file that cannot be opened is moved aside.

    The caller holds the build lock. Raises LockedError when another program has the build file open.
    """
    for path in clean_up(project):
        say(f"  removed {path.name}, left by a publication that was stopped")
    if not project.build_db.exists():
        return
    try:
        duckdb.connect(str(project.build_db)).close()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        if "lock" in reason.lower():
            raise LockedError(
                f"{project.shown(project.build_db)} is open in another program: {reason}",
                "close it there; read strata.duckdb instead, which is never locked",
            ) from error
        aside = f"{project.build_db.name}.broken-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        say(f"  {project.build_db.name} cannot be opened ({reason}); kept as {aside}, building anew", style="yellow")
        for suffix in ("", ".wal"):
            part = project.build_db.with_name(project.build_db.name + suffix)
            if part.exists():
                part.replace(project.warehouse / (aside + suffix))


def _check_raw(project: Project) -> None:
    result = check_raw(project)
    warnings = [item for item in result.findings if item.severity == "warning"]
    say(
        f"  {result.tables} raw tables, {result.expectations} expectations, {len(warnings)} warnings;"
        f" report: {project.shown(result.page)}"
    )
    _stop_at_errors(result.findings, "the raw tables cannot be built from")


def _stop_at_errors(findings: Sequence[Finding], headline: str) -> None:
    """Raises InputError when there are errors; a single one is its own message. Warnings have their own reports."""
    errors = [item for item in findings if item.severity == "error"]
    if len(errors) == 1:
        where = errors[0].where()
        raise InputError(f"{where + ': ' if where else ''}{errors[0].message}; nothing was built", errors[0].remedy)
    if errors:
        raise InputError(f"{headline}: {len(errors)} findings; nothing was built", "", errors)
