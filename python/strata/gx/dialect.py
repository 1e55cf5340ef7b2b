"""Teaches Great Expectations to keep its DuckDB connection.

Great Expectations opens a connection a query, except for a list of dialects in which temporary objects last only as
long as the connection. DuckDB is such a one and is not on the list; without it every expectation that queries fails
with "list index out of range". The list is private, so this module says so loudly when a version no longer has it.
"""

from types import ModuleType

from strata.errors import StrataError

ATTRIBUTE = "_PERSISTED_CONNECTION_DIALECTS"


class _DuckDB(str):
    """A member of the list: it is compared as text here and asked for its `.value` there."""

    @property
    def value(self) -> str:
        return str(self)


DUCKDB = _DuckDB("duckdb")


def keep_connections(engine_module: ModuleType) -> None:
    """Puts DuckDB on the list, once. Raises StrataError when the module has no such list of dialects with a value.

    engine_module: great_expectations.execution_engine.sqlalchemy_execution_engine.
    """
    dialects = getattr(engine_module, ATTRIBUTE, None)
    if not isinstance(dialects, tuple) or not all(hasattr(dialect, "value") for dialect in dialects):
        raise StrataError(
            f"this Great Expectations has no {ATTRIBUTE} that DuckDB could be added to",
            "install the locked version (make test does), or adapt strata/gx/dialect.py to the new one",
        )
    if not any(dialect.value == DUCKDB.value for dialect in dialects):
        setattr(engine_module, ATTRIBUTE, (*dialects, DUCKDB))
