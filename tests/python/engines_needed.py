"""What happens to a test whose engine or extra is not on this machine: skipped here, failed where it is promised.

STRATA_REQUIRE_ENGINES names the promised ones, separated by commas; .ci/run sets it, so that green means tested.
"""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def without_engine(engine: str, reason: str) -> NoReturn:
    """Skips the test, or the module that is being collected. Fails instead where the engine is promised."""
    if engine in os.environ.get("STRATA_REQUIRE_ENGINES", "").replace(" ", "").split(","):
        pytest.fail(f"{reason}, and STRATA_REQUIRE_ENGINES promises {engine}", pytrace=False)
    pytest.skip(reason, allow_module_level=True)


def without_extra(extra: str, package: str) -> NoReturn:
    """The same for a package of an extra of pyproject.toml."""
    without_engine(extra, f"{package} is not installed; it is in an extra: make setup-{extra}")
