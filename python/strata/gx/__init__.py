"""Great Expectations over DuckDB files.

The one place that knows its quirks. Imported late, because the import costs seconds.
"""

from strata.gx.session import Expected, Outcome, Session, open_session, warm_up

__all__ = ["Expected", "Outcome", "Session", "open_session", "warm_up"]
