"""What managers say of their accounts expires, and nobody says two things at once."""

from collections.abc import Iterator
from datetime import date, timedelta

from strata.errors import Finding
from strata.policy.models import CsmPulse
from strata.policy.tables import Policy

LONGEST = timedelta(days=400)


def pulses_expire(policy: Policy) -> Iterator[Finding]:
    """A pulse is of a time: it expires after it is given, and not in years."""
    fault = policy.csm_pulses.fault
    for row in policy.csm_pulses:
        if row.expires_on <= row.given_on:
            message = f"the pulse expires on {row.expires_on}, not after it is given on {row.given_on}: it never holds"
            yield fault(row, "expires_on", message, "correct one of the dates, or delete the row")
        elif row.expires_on - row.given_on > LONGEST:
            days = (row.expires_on - row.given_on).days
            message = f"the pulse lasts {days} days: who has not looked again after {LONGEST.days} does not know"
            yield fault(row, "expires_on", message, "let it expire sooner, and give another then", "warning")


def one_pulse_a_day(policy: Policy) -> Iterator[Finding]:
    """The latest pulse of an account holds, so there is one latest."""
    given: dict[tuple[str, date], CsmPulse] = {}
    for row in policy.csm_pulses:
        first = given.setdefault((row.account_id, row.given_on), row)
        if first is not row:
            message = f"row {first.line} gives the same account a pulse on {row.given_on}, too: neither is the latest"
            yield policy.csm_pulses.fault(row, "given_on", message, "keep one of the two")
