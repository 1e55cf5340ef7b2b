"""Every currency has one rate at a time, without holes, and the reporting currency is worth itself."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from strata.errors import Finding
from strata.policy.models import CurrencyRate
from strata.policy.tables import Policy
from strata.policy.words import plain


def rates_have_no_gap(policy: Policy) -> Iterator[Finding]:
    """From its first day on, a currency always has a rate. (Two rates at once are told by the check of keys.)"""
    fault = policy.currency_rates.fault
    by_currency: defaultdict[str, list[CurrencyRate]] = defaultdict(list)
    for row in policy.currency_rates:
        by_currency[row.currency].append(row)
    for currency, rows in by_currency.items():
        rows.sort(key=lambda row: row.valid_from)
        for earlier, later in pairwise(rows):
            if earlier.valid_to is not None and earlier.valid_from < earlier.valid_to < later.valid_from:
                message = f"`{currency}` has no rate from {earlier.valid_to} to {later.valid_from}"
                yield fault(later, "valid_from", message, f"begin this rate on {earlier.valid_to}")
        last = rows[-1]
        if last.valid_to is not None and last.valid_to > last.valid_from:
            message = f"`{currency}` has no rate from {last.valid_to} on"
            remedy = "leave valid_to of the last rate empty, or add the next rate"
            yield fault(last, "valid_to", message, remedy, "warning")
        digits = {row.minor_unit_digits for row in rows}
        if len(digits) > 1:
            message = f"`{currency}` has {' and '.join(str(one) for one in sorted(digits))} minor unit digits"
            yield fault(last, "minor_unit_digits", message, "write the same number in every row of the currency")


def reporting_currency_is_one(policy: Policy, reporting_currency: str) -> Iterator[Finding]:
    """One unit of the reporting currency is one unit of it."""
    rows = [row for row in policy.currency_rates if row.currency == reporting_currency]
    if not rows:
        message = f"the reporting currency `{reporting_currency}` has no rate"
        remedy = "add it with rate 1, or correct var reporting_currency in dbt_project.yml"
        yield policy.currency_rates.fault(None, "currency", message, remedy)
    for row in rows:
        if row.rate_to_reporting != 1:
            message = f"the reporting currency `{reporting_currency}` has rate {plain(row.rate_to_reporting)} to itself"
            remedy = "write 1, and all other rates as the price of one unit in the reporting currency"
            yield policy.currency_rates.fault(row, "rate_to_reporting", message, remedy)
