"""Great Expectations over the tables of a database.

The one place that knows its quirks. Imported late, because the import costs seconds.
"""

from strata.gx.session import Expected, Outcome, Session, open_session, open_session_on, warm_up

__all__ = ["Expected", "Outcome", "Session", "open_session", "open_session_on", "warm_up"]
