"""Validates tables of one database against expectations and gives plain outcomes back."""

import logging
import os
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from strata.errors import StrataError

_loading = threading.Lock()


@dataclass(frozen=True)
class Expected:
    """One expectation.

    kind: name of a Great Expectations class, like `ExpectColumnMaxToBeBetween`. arguments: its own.
    severity: `critical` blocks, `warning` is told. meta: kept with the result, for the report.
    """

    kind: str
    arguments: Mapping[str, Any]
    severity: Literal["critical", "warning"] = "critical"
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What came of one expectation. observed: the one number it looked at, if it has one."""

    expected: Expected
    success: bool
    observed: Any


def _load() -> Any:
    """Great Expectations, imported once, told to phone nobody and to keep DuckDB's connections."""
    with _loading:
        os.environ["GX_ANALYTICS_ENABLED"] = "false"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import great_expectations as gx
            import great_expectations.execution_engine.sqlalchemy_execution_engine as engine_module

        from strata.gx.dialect import keep_connections

        keep_connections(engine_module)
        logging.getLogger("great_expectations").setLevel(logging.ERROR)
        return gx


def warm_up() -> None:
    """Starts the import in the background, so that it overlaps with work that leaves the interpreter idle."""
    threading.Thread(target=_load, daemon=True).start()


class Session:
    """One database, opened for Great Expectations."""

    def __init__(self, gx: Any, datasource: Any) -> None:
        self._gx = gx
        self._datasource = datasource

    def validate(self, table: str, expectations: Sequence[Expected]) -> list[Outcome]:
        """Judges one table. Raises StrataError when an expectation could not be evaluated at all."""
        if not expectations:
            return []
        classes = self._gx.expectations
        asset = self._datasource.add_table_asset(table, table_name=table)
        batch = asset.add_batch_definition_whole_table("all").get_batch()
        suite = self._gx.ExpectationSuite(
            name=table,
            expectations=[
                getattr(classes, expected.kind)(
                    **expected.arguments,
                    severity=expected.severity,
                    meta={**expected.meta, "position": position},
                )
                for position, expected in enumerate(expectations)
            ],
        )
        result = batch.validate(suite, result_format="BASIC")
        outcomes = [_outcome(item.to_json_dict(), expectations) for item in result.results]
        if len(outcomes) != len(expectations):
            raise StrataError(f"only {len(outcomes)} of {len(expectations)} expectations on {table} were evaluated")
        return outcomes


def open_session(database: Path) -> AbstractContextManager[Session]:
    """Great Expectations on a DuckDB file that no process writes to meanwhile."""
    return open_session_on(f"duckdb:///{database}", {"read_only": True})


@contextmanager
def open_session_on(url: str, connect_args: Mapping[str, Any]) -> Iterator[Session]:
    """Great Expectations on a database that SQLAlchemy knows. url: SQLAlchemy's; connect_args: the driver's."""
    gx = _load()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    with warnings.catch_warnings():
        # It recommends its own class for some databases; one class for all is what is wanted here.
        warnings.simplefilter("ignore")
        datasource = context.data_sources.add_sql(
            "strata",
            connection_string=url,
            create_temp_table=False,
            kwargs={"connect_args": dict(connect_args)},
        )
    try:
        yield Session(gx, datasource)
    finally:
        datasource.get_execution_engine().close()
        datasource.get_engine().dispose()


def _outcome(result: Mapping[str, Any], expectations: Sequence[Expected]) -> Outcome:
    expected = expectations[result["expectation_config"]["meta"]["position"]]
    problem = _exception_message(result.get("exception_info") or {})
    if problem is not None:
        raise StrataError(f"{expected.kind} could not be evaluated: {problem}")
    details = result.get("result") or {}
    observed = details.get("observed_value", details.get("unexpected_count"))
    return Outcome(expected=expected, success=bool(result["success"]), observed=observed)


def _exception_message(info: Mapping[str, Any]) -> str | None:
    """Great Expectations reports failures to evaluate flat or keyed by metric.

    Either way the first message, or None.
    """
    if "raised_exception" in info:
        return str(info.get("exception_message")) if info["raised_exception"] else None
    for nested in info.values():
        if isinstance(nested, Mapping) and nested.get("raised_exception"):
            return str(nested.get("exception_message"))
    return None
