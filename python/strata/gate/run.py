"""Runs the gate: structure first, then measurements in one scan a table, then Great Expectations judges them."""

import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from strata.console import NodeProgress
from strata.errors import Finding
from strata.gate.casts import Casts, load_casts
from strata.gate.expectations import expectations, finding
from strata.gate.files import other_letters, torn_rows
from strata.gate.measure import Measurement, Readable, first_uncastable, inspect, measure, measurements
from strata.gate.report import CheckResult, GateReport, TableResult, write_report
from strata.gate.sources import RawTable, read_sources
from strata.gx import Outcome, Session, open_session, warm_up
from strata.project import Project


@dataclass(frozen=True)
class GateResult:
    """What the gate found. results.

    Machine-readable; page: the same for people. blocked: an error among the findings.
    """

    findings: tuple[Finding, ...]
    results: Path
    page: Path
    tables: int
    expectations: int

    @property
    def blocked(self) -> bool:
        return _blocks(self.findings)


def check_raw(project: Project) -> GateResult:
    """Checks the raw tables of every system that is switched on and leaves a report under reports/gate.

    Reads counts, shares and types; no value of a text column leaves the raw tables.
    Raises InputError when the sources files cannot be understood, StrataError when the report cannot be written.
    """
    started = datetime.now(UTC)
    tables = read_sources(project)
    casts = load_casts(project.root)
    with tempfile.TemporaryDirectory(prefix="strata-gate-") as scratch:
        database = Path(scratch) / "measurements.duckdb"
        with duckdb.connect(str(database)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            readable, findings = inspect(project, connection, tables)
            measured = {}
            if not _blocks(findings):
                warm_up()
                measured = _measure_all(connection, project, casts, readable, findings)
        judged: list[TableResult] = []
        if not _blocks(findings):
            with duckdb.connect() as connection, open_session(database) as session:
                connection.execute("set TimeZone = 'UTC'")
                for item in readable:
                    table, found = _judge(connection, session, project, casts, item, measured[item.table.label])
                    judged.append(table)
                    findings += found
    findings.sort(key=lambda item: item.severity != "error")
    report = GateReport(
        run_id=f"{started:%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:6]}",
        started_at=started.isoformat(timespec="seconds"),
        as_of=project.as_of.isoformat(),
        systems=project.systems,
        findings=tuple(findings),
        tables=tuple(judged),
        not_judged=() if judged else tuple(table.label for table in tables),
    )
    results, page = write_report(project.reports_dir / "gate" / report.run_id, report)
    return GateResult(tuple(findings), results, page, len(tables), sum(len(item.checks) for item in judged))


def _blocks(findings: Sequence[Finding]) -> bool:
    return any(item.severity == "error" for item in findings)


def _measure_all(
    connection: duckdb.DuckDBPyConnection,
    project: Project,
    casts: Casts,
    readable: Sequence[Readable],
    findings: list[Finding],
) -> dict[str, tuple[list[Measurement], dict[str, float | None]]]:
    measured: dict[str, tuple[list[Measurement], dict[str, float | None]]] = {}
    with NodeProgress("raw tables measured") as progress:
        for done, item in enumerate(readable, start=1):
            wanted = measurements(project, casts, item)
            try:
                measured[item.table.label] = wanted, measure(connection, item, wanted, _measured_in(item.table))
            except duckdb.Error as error:
                odd = other_letters(project, item.table, item.files)
                findings += (
                    odd
                    or torn_rows(project, item.table, item.files)
                    or [
                        Finding(
                            "error",
                            project.shown(item.files[0].parent if len(item.files) > 1 else item.files[0]),
                            None,
                            None,
                            f"{item.table.label} breaks off while being read: {str(error).splitlines()[0]}",
                            "land the files again; one may be half-written or of another shape",
                        )
                    ]
                )
            progress.advance(done, len(readable), item.table.label)
    return measured


def _measured_in(table: RawTable) -> str:
    return f"{table.system}__{table.name}"


def _judge(
    connection: duckdb.DuckDBPyConnection,
    session: Session,
    project: Project,
    casts: Casts,
    readable: Readable,
    measured: tuple[list[Measurement], dict[str, float | None]],
) -> tuple[TableResult, list[Finding]]:
    """One table before Great Expectations. A check that has nothing to look at (no newest load) is left out."""
    wanted, values = measured
    expected = expectations(readable, [item for item in wanted if values[item.name] is not None])
    outcomes = session.validate(_measured_in(readable.table), expected)
    findings = [_as_finding(connection, project, casts, readable, item) for item in _worst_of_each(outcomes)]
    checks = tuple(
        CheckResult(
            check=str(item.expected.meta["check"]),
            column=item.expected.meta["column"],
            expectation=item.expected.kind,
            limit=float(item.expected.meta["limit"]),
            severity="blocks" if item.expected.severity == "critical" else "warns",
            success=item.success,
            observed=float(item.observed),
        )
        for item in outcomes
    )
    rows = int(values["row_count"] or 0)
    return TableResult(
        readable.table.system, readable.table.name, rows, len(readable.files), readable.size, checks
    ), findings


def _worst_of_each(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The failures, and of two about the same measurement only the one that blocks."""
    failed = [item for item in outcomes if not item.success]
    blocking = {item.expected.arguments["column"] for item in failed if item.expected.severity == "critical"}
    return [
        item
        for item in failed
        if item.expected.severity == "critical" or item.expected.arguments["column"] not in blocking
    ]


def _as_finding(
    connection: duckdb.DuckDBPyConnection, project: Project, casts: Casts, readable: Readable, failed: Outcome
) -> Finding:
    file, row = Path(readable.table.paths[0]) if len(readable.files) > 1 else readable.files[0], None
    if failed.expected.meta["check"] == "castable":
        column = next(item for item in readable.table.columns if item.name == failed.expected.meta["column"])
        place = first_uncastable(connection, casts, readable, column)
        if place is not None:
            file, row = place
    return finding(readable, failed.expected, float(failed.observed), project.shown(file), row)
