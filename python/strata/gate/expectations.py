"""Turns what a sources file declares into expectations on the measurements of a table, and failures into findings."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from strata.errors import Finding
from strata.gate.measure import Measurement, Readable
from strata.gx import Expected

Severity = Literal["critical", "warning"]

# An estimate of distinct keys is this far off at most in practice; only more than that is worth telling.
ESTIMATE_TOLERANCE = 0.05


def expectations(readable: Readable, measured: Sequence[Measurement]) -> list[Expected]:
    """The expectations of one table, each with its severity and what it looks at in `meta`."""
    result: list[Expected] = []
    for item in measured:
        result += _for(readable, item)
    return result


def _for(readable: Readable, item: Measurement) -> list[Expected]:
    gate = readable.table.gate

    def at_most(limit: float, severity: Severity) -> Expected:
        return _expected(item, "ExpectColumnMaxToBeBetween", {"max_value": limit}, severity)

    def at_least(limit: float, severity: Severity) -> Expected:
        return _expected(item, "ExpectColumnMinToBeBetween", {"min_value": limit}, severity)

    def declared(check: str) -> Severity:
        return "critical" if check in gate.blocks else "warning"

    match item.check:
        case "volume":
            found = [at_least(1, "warning" if gate.optional else "critical")] if gate.min_rows > 0 else []
            return [*found, at_least(gate.min_rows, declared("volume"))] if gate.min_rows > 1 else found
        case "keys" | "castable":
            none_at_all: Severity = declared("keys") if item.check == "keys" else "warning"
            return [at_most(gate.max_bad_share, "critical"), at_most(0, none_at_all)]
        case "filled":
            return [at_most(0.999999, "warning")]
        case "ranges":
            return [at_most(0, declared("ranges"))]
        case "freshness":
            return [at_most(gate.freshness_days, declared("freshness"))] if gate.freshness_days is not None else []
        case "unique":
            return [at_most(0, declared("unique"))]
        case _:
            return [at_most(ESTIMATE_TOLERANCE, declared("unique"))]


def _expected(item: Measurement, kind: str, limit: Mapping[str, float], severity: Severity) -> Expected:
    return Expected(
        kind=kind,
        arguments={"column": item.name, **limit},
        severity=severity,
        meta={"check": item.check, "column": item.column, "limit": next(iter(limit.values()))},
    )


def finding(readable: Readable, failed: Expected, observed: float, file: Path, row: int | None) -> Finding:
    """A failed expectation as a person would say it. observed: the measurement; file and row: where to look first."""
    label, column = readable.table.label, failed.meta["column"]
    limit = float(failed.meta["limit"])
    blocks = failed.severity == "critical"
    kinds = {item.name: item.data_type for item in readable.table.columns}
    fewer_rows = "the models reject such rows with a reason; see fct_rejected_rows"
    match failed.meta["check"]:
        case "volume":
            message = (
                f"{label} is empty"
                if observed == 0
                else f"{label} has {observed:,.0f} rows, at least {limit:,.0f} expected"
            )
            remedy = "load the table; the connector may not have finished its first sync"
        case "keys":
            message = f"{_percent(observed)} of the rows of {label} have no `{column}`, which identifies them"
            remedy = "ask the owner of the source, or correct gate.key in the sources file" if blocks else fewer_rows
        case "castable":
            message = (
                f"{_percent(observed)} of the values in `{column}` of {label} cannot be read as {kinds[str(column)]}"
            )
            remedy = f"land `{column}` as {kinds[str(column)]}, or teach staging its format" if blocks else fewer_rows
        case "filled":
            message = f"`{column}` of {label} is empty in every row"
            remedy = "check the mapping of the connector; the models need this column"
        case "ranges":
            message = f"{_percent(observed)} of the values in `{column}` of {label} lie outside its range"
            remedy = "correct them in the source, or the range in the sources file"
        case "freshness":
            message = (
                f"the newest row of {label} was loaded {observed:,.0f} days before the as-of date, {limit:g} allowed"
            )
            remedy = "check that the connector still runs, or set --as-of to the day the data are for"
        case _:
            message = f"{_percent(observed)} of the rows of {label} repeat another row's key ({column})"
            remedy = "none needed: the row loaded last is kept, the others are listed as duplicates"
    return Finding(
        "error" if blocks else "warning", file, row, None if column is None else str(column), message, remedy
    )


def _percent(share: float) -> str:
    if 0 < share < 0.0005:
        return "less than 0.1 %"
    return f"{100 * share:.1f} %"
