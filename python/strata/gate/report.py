"""Keeps what the gate found.

JSON for machines and one page for people that opens from the disk, offline, without scripts.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any

from strata.errors import Finding, StrataError, writing

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --bad: #c0392b; --warn: #b9770e; --good: #1e8449; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
summary { cursor: pointer; } .error { color: var(--bad); } .warning { color: var(--warn); } .fine { color: var(--good);
}
"""


@dataclass(frozen=True)
class CheckResult:
    """One expectation and what came of it. observed and limit: a count, a share of 1, or days, as the check has it."""

    check: str
    column: str | None
    expectation: str
    limit: float
    severity: str
    success: bool
    observed: float


@dataclass(frozen=True)
class TableResult:
    """One raw table and its checks. bytes: size of its files."""

    system: str
    table: str
    rows: int
    files: int
    bytes: int
    checks: tuple[CheckResult, ...]


@dataclass(frozen=True)
class GateReport:
    """One run of the gate. not_judged: tables that were not measured, because something was missing before that."""

    run_id: str
    started_at: str
    as_of: str
    systems: tuple[str, ...]
    findings: tuple[Finding, ...]
    tables: tuple[TableResult, ...]
    not_judged: tuple[str, ...]


def write_report(folder: Path, report: GateReport) -> tuple[Path, Path]:
    """Writes results.json and index.html into the folder and returns their paths.

    Raises StrataError where nobody may write.
    """
    results, page = folder / "results.json", folder / "index.html"
    content: dict[str, Any] = {"blocked": any(item.severity == "error" for item in report.findings), **asdict(report)}
    with writing(folder, "let the folder reports of the project be writable", StrataError):
        folder.mkdir(parents=True, exist_ok=True)
        results.write_text(json.dumps(content, indent=2, default=str), encoding="utf-8")
        page.write_text(_page(report), encoding="utf-8")
    return results, page


def _page(report: GateReport) -> str:
    errors = sum(item.severity == "error" for item in report.findings)
    warnings = len(report.findings) - errors
    verdict = f'<b class="error">blocked by {errors}</b>' if errors else '<b class="fine">passed</b>'
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>",
        f"<title>Raw gate {escape(report.run_id)}</title><style>{_STYLE}</style>",
        "<h1>Raw gate</h1>",
        f"<p>{verdict}, {warnings} warnings. As of {escape(report.as_of)}, checked {escape(report.started_at)}.",
        f"Systems: {escape(', '.join(report.systems))}.</p>",
        _findings(report.findings),
        *(_table(table) for table in report.tables),
    ]
    if report.not_judged:
        parts.append(
            f"<p>Not measured, because something above is missing: {escape(', '.join(report.not_judged))}.</p>"
        )
    return "\n".join(parts) + "\n"


def _findings(findings: Sequence[Finding]) -> str:
    if not findings:
        return "<p>Nothing was found wanting.</p>"
    rows = "".join(
        f"<tr><td class={item.severity}>{'blocks' if item.severity == 'error' else 'warns'}</td>"
        f"<td>{escape(item.where())}</td><td>{escape(item.message)}</td><td>{escape(item.remedy)}</td></tr>"
        for item in findings
    )
    return f"<h2>Findings</h2><table><tr><th><th>Where<th>What<th>Remedy</tr>{rows}</table>"


def _table(table: TableResult) -> str:
    failed = sum(not check.success for check in table.checks)
    rows = "".join(
        f"<tr><td>{escape(check.check)}</td><td>{escape(check.column or '')}</td><td>{check.severity}</td>"
        f"<td class=n>{check.observed:,.6g}</td><td class=n>{check.limit:,.6g}</td>"
        f"<td class={'fine' if check.success else 'warning'}>{'met' if check.success else 'not met'}</td></tr>"
        for check in table.checks
    )
    return (
        f"<details{' open' if failed else ''}><summary><b>{escape(table.system)}.{escape(table.table)}</b>: "
        f"{table.rows:,} rows, {table.files:,} files, {len(table.checks)} expectations, {failed} not met</summary>"
        "<table><tr><th>Check<th>Column<th>Severity<th class=n>Observed<th class=n>Limit<th></tr>"
        f"{rows}</table></details>"
    )
