"""The lock files agree: what one installs, another that is installed after it does not take back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^]]*])?==([^ ;\\]+)", re.MULTILINE)


def pins(name: str) -> dict[str, set[str]]:
    """Package -> versions that a lock file names, for whatever platform."""
    found: dict[str, set[str]] = {}
    for package, version in PIN.findall((ROOT / name).read_text(encoding="utf-8")):
        found.setdefault(package, set()).add(version)
    return found


@pytest.mark.parametrize(
    "name",
    [
        "requirements.lock",
        "requirements-postgres.lock",
        "requirements-spark.lock",
        "requirements-bench.lock",
        "requirements-calibrate.lock",
    ],
)
def test_a_lock_names_the_versions_of_the_test_environment(name: str) -> None:
    tests, here = pins("requirements-dev.lock"), pins(name)
    assert len(here) > 50
    shared = here.keys() & tests.keys()
    assert {package: (here[package], tests[package]) for package in shared if here[package] != tests[package]} == {}
