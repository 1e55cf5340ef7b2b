"""The parity report: a table for people, JSON for machines, a file for later."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.table import Table

from strata.errors import StrataError, writing
from strata.parity.compare import TableResult
from strata.parity.run import ParityResult
from strata.project import Project


def as_json(result: ParityResult) -> dict[str, Any]:
    """The whole result as one document."""
    return {
        "targets": list(result.targets),
        "differences": result.differences,
        "states": [
            {
                "state": state.name,
                "as_of": state.as_of.isoformat(),
                "differences": state.differences,
                "tables": [{**asdict(table), "differences": table.differences} for table in state.tables],
            }
            for state in result.states
        ],
    }


def write_report(project: Project, result: ParityResult) -> Path:
    """Leaves the result under reports/parity and returns the file. Raises StrataError where nobody may write."""
    name = "-".join([*([project.company] if project.company else []), *result.targets])
    path = project.reports_dir / "parity" / f"{name}.json"
    with writing(path, "let the folder reports of the project be writable", StrataError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(as_json(result), indent=2) + "\n", encoding="utf-8")
    return path


def as_table(result: ParityResult) -> Table:
    """One line per state, table and engine compared with the first one."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("state", "as of", "table", "engines"):
        table.add_column(name, no_wrap=True)
    for name in ("rows", "missing", "unequal"):
        table.add_column(name, justify="right")
    table.add_column("what differs")
    for state in result.states:
        for item in state.tables:
            rows = (
                f"{item.left_rows:,}"
                if item.left_rows == item.right_rows
                else f"{item.left_rows:,}/{item.right_rows:,}"
            )
            table.add_row(
                state.name,
                state.as_of.isoformat(),
                item.table,
                f"{item.left} = {item.right}" if not item.differences else f"{item.left} ≠ {item.right}",
                rows,
                f"{item.missing_left + item.missing_right:,}",
                f"{sum(item.unequal.values()):,}",
                "; ".join(_sentences(item)),
                style="red" if item.differences else "",
            )
    return table


def _sentences(item: TableResult) -> Sequence[str]:
    found = list(item.columns)
    if item.missing_left:
        found.append(f"{item.missing_left:,} rows are missing on {item.left}")
    if item.missing_right:
        found.append(f"{item.missing_right:,} rows are missing on {item.right}")
    found += [f"{name} in {count:,} rows" for name, count in item.unequal.items()]
    if item.examples:
        found.append(f"first: {' | '.join(item.examples)}")
    return found
