"""Checks the policy before anything is built from it: total, free of contradiction, and in words that the models know.

Nothing here evaluates the policy for an account; that is SQL.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from strata.errors import Finding
from strata.policy.checks import EACH_CHANGE, ONCE, Check
from strata.policy.checks.currencies import reporting_currency_is_one
from strata.policy.checks.features import systems_are_in_the_catalogue
from strata.policy.checks.overrides import overrides_that_ended
from strata.policy.checks.versions import versions_cover_history
from strata.policy.loader import load_policy
from strata.policy.tables import Policy

__all__ = ["check_policy"]


def check_policy(
    policy_dir: Path,
    crosswalks_dir: Path | None = None,
    as_of: date | None = None,
    *,
    reporting_currency: str | None = None,
    history_start: date | None = None,
    usage_systems: Collection[str] = (),
) -> list[Finding]:
    """Everything wrong with the policy; empty when nothing is. Raises nothing for bad content.

    policy_dir: folder of the policy seeds.
    crosswalks_dir: folder of the crosswalk seeds; None for `crosswalks` beside the policy, unchecked if there is none.
    as_of: day of the run, to tell overrides that have ended; None leaves that out, for no clock is read here.
    reporting_currency: code whose rate must be 1; None leaves that out.
    history_start: first day of history, on which a version must be in force; None leaves that out.
    usage_systems: the systems whose events of use should be known to the feature catalogue, some of them at least.
    Rows of the findings are lines of the file, the header being line 1. Errors come first, then by file and line.
    """
    beside = policy_dir.parent / "crosswalks"
    crosswalks = crosswalks_dir or (beside if beside.is_dir() else None)
    policy, findings = load_policy(policy_dir, crosswalks)
    findings.extend(fault for check in ONCE for fault in _run(check, policy))
    findings.extend(_at_each_change(policy))
    if as_of is not None:
        findings.extend(overrides_that_ended(policy, as_of))
    if history_start is not None and policy.policy_versions.sound:
        findings.extend(versions_cover_history(policy, history_start))
    if reporting_currency is not None and policy.currency_rates.sound:
        findings.extend(reporting_currency_is_one(policy, reporting_currency))
    if crosswalks is not None and policy.feature_catalogue.sound:
        findings.extend(systems_are_in_the_catalogue(policy, usage_systems))
    return sorted(
        findings,
        key=lambda one: (one.severity == "warning", str(one.file), one.row or 0, one.column or "", one.message),
    )


def _run(check: Check, policy: Policy) -> Iterator[Finding]:
    tables = policy.tables()
    if all(tables[name].sound for name in check.needs):
        yield from check.run(policy)


def _at_each_change(policy: Policy) -> Iterator[Finding]:
    """Each finding once, and with the day of the policy it belongs to where not every day has it."""
    days = policy.change_days()
    first_day: dict[Finding, date] = {}
    times: dict[Finding, int] = {}
    for day in days:
        view = policy.on(day)
        for check in EACH_CHANGE:
            for fault in _run(check, view):
                first_day.setdefault(fault, day)
                times[fault] = times.get(fault, 0) + 1
    for fault, day in first_day.items():
        everywhere = times[fault] >= len(days)
        yield fault if everywhere else replace(fault, message=f"{fault.message} (policy of {day})")
