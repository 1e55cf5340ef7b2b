"""The whole path: check policy, check raw, dbt build, audit, publish. Safe to repeat, safe to kill."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from strata.audit import audit
from strata.console import say, show_findings, step
from strata.dbt_runner import read_manifest, run_dbt
from strata.engines import PublishingEngine, open_publisher, read_target
from strata.errors import AuditError, BuildError, Finding, InputError
from strata.gate import check_raw
from strata.last_build import on_its_day, refuse_other_systems, whole_build
from strata.ledger import Publication
from strata.lock import build_lock
from strata.project import Project, says_systems
from strata.publish import public_tables
from strata.variables import refuse_odd_times, refuse_unwritten_models


def build(
    project: Project, full_refresh: bool = False, skip_raw_check: bool = False, gate: bool = False
) -> Publication:
    """Runs the whole path and returns what was published. gate: nothing is when the score no longer tells who churns.

    Raises InputError when the day is still to come or policy or raw tables block, LockedError when another build is at
    work, BuildError or AuditError when the tables could not be built or are not sound. Until the last step nothing that
    a reader sees changes.
    """
    refuse_days_to_come(project.as_of)
    with build_lock(project.warehouse), open_publisher(project) as engine, engine.lock():
        engine.heal()
        check_inputs(project, skip_raw_check)
        with step("dbt build"):
            flags = ["--exclude-resource-type", "unit_test", *(["--full-refresh"] if full_refresh else [])]
            run = run_dbt(project, ["build", *flags], "dbt nodes", engine.environment)
            say("  " + ", ".join(f"{count} {status}" for status, count in sorted(run.statuses.items())))
        return audit_and_publish(project, engine, gate)


def refuse_days_to_come(as_of: date) -> None:
    """Raises InputError when it is that day nowhere on earth yet.

    A build remembers what the CRM says under the day of the run, for good, and looks again from that day on. This is
    where the day comes in, and the one place that holds it against the clock.
    """
    today = datetime.now(UTC).date()
    if as_of > today + timedelta(days=1):
        raise InputError(
            f"as-of date {as_of} is still to come: the clock of this machine says {today}",
            "give a day that has come, or set the clock: what the CRM says now would be remembered as of that day, and"
            " nothing more until then",
        )


def check_inputs(project: Project, skip_raw_check: bool = False) -> None:
    """What comes before dbt: the vars, both checks, how new tickets sound. Raises InputError when a check blocks."""
    refuse_odd_times(project.variables, project.history_start, project.as_of)
    says = says_systems(project.root, project.company, project.overrides)
    refuse_unwritten_models(project.root, says, project.variables.get("systems") or {})
    with step("check policy"):
        findings = policy_findings(project, project.policy_dir)
        show_findings([item for item in findings if item.severity == "warning"])
        _stop_at_errors(findings, "the policy cannot be used")
    if not skip_raw_check:
        with step("check raw"):
            _check_raw(project)
    with step("sentiment"):
        score_new_tickets(project)


def score_new_tickets(project: Project) -> None:
    """Scores what has no score yet, and says what it did. Texts that cannot be read stop no build: they are missing."""
    from strata.sentiment import score_tickets

    try:
        scored = score_tickets(project)
    except InputError as error:
        say(f"  not computed: {error}")
        return
    if scored is None:
        say("  left out: no raw files with texts of tickets, or no `sentiment` in var systems")
        return
    without = sum(scored.missing.values())
    say(
        f"  {scored.texts:,} messages, {scored.computed:,} of them new texts, by {scored.model} {scored.model_version}"
        + (f"; {without:,} without a score: " + _counted(scored.missing) if without else "")
    )


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in sorted(counts.items()))


def audit_and_publish(
    project: Project, engine: PublishingEngine, gate: bool = False, as_of: str | None = None
) -> Publication:
    """The last two steps, for the day of the build. The caller holds both locks. as_of: the day that a person gave.

    Raises InputError when that is another day or the systems are others, AuditError, PublishError (also when the
    last run was not a whole build), BuildError when it was one of another engine.
    """
    manifest = read_manifest(project)
    adapter, kind = manifest["metadata"].get("adapter_type"), read_target(project).kind
    if adapter != kind:
        raise BuildError(
            f"the last build was one on {adapter}, not on {kind}", "run `strata build` on this target first"
        )
    built = whole_build(engine, manifest)
    project = on_its_day(project, built.as_of, as_of)
    refuse_other_systems(project, built)
    with step("audit"):
        with engine.audit_source() as source:
            result = audit(project, source, gate)
        if result.failed:
            raise AuditError(
                f"{len(result.findings)} findings in the built tables; nothing was published",
                f"results: {project.shown(result.results)}",
                result.findings,
            )
        say(f"  {result.tables} public tables keep {result.laws} laws")
    with step("publish"):
        publication = engine.publish(manifest, public_tables(manifest), built)
        say(
            f"  {engine.readers_find}: {publication.table_count} tables, {publication.row_count:,} rows"
            f", as of {publication.as_of_date}, policy {publication.policy_version}"
        )
    return publication


def policy_findings(project: Project, policy_dir: Path, option: str = "--policy-dir") -> Sequence[Finding]:
    """What `strata check policy` says about a folder of policy seeds.

    option: the one that names it. Raises InputError when the folder is not there.
    """
    if not policy_dir.is_dir():
        own = policy_dir == project.policy_dir
        remedy = "the project wants its policy there" if own else f"name the policy's folder with {option}"
        raise InputError(f"no folder {project.shown(policy_dir)}", remedy)
    from strata.policy import check_policy

    return check_policy(
        policy_dir,
        as_of=project.as_of,
        reporting_currency=str(project.variables["reporting_currency"]),
        history_start=project.history_start,
        usage_systems=[
            name
            for name, offer in (project.variables.get("systems") or {}).items()
            if "usage_events" in (offer.get("canonical") or [])
        ],
    )


def _check_raw(project: Project) -> None:
    if not project.raw_dir.is_dir() and read_target(project).kind != "duckdb":
        say(f"  no folder {project.shown(project.raw_dir)}; the gate reads files, so it is left out")
        return
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
